"""Asterisk's queue_log: one line in, facts out. Pure; what must be remembered is plain data.

A line is `epoch|call id|queue|agent|EVENT|fields…`, unescaped, in whole epoch seconds. Whatever
cannot be read is handed back with its reason, to be kept raw; nothing is dropped in silence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from intake.domain.exchange_memory import Memory, Stay
from intake.domain.facts import Caller, CallKey, Exit, Fact, FactKind, Told, Trunk, Witness
from shared_schemas.vocabulary import EndedBy

LONGEST_LINE_BYTES = 65_536
"""Asterisk writes lines of about a hundred bytes; anything longer is not a line."""

LONGEST_NAME = 200
"""An id or a name longer than this was not made by an exchange."""

LONGEST_EXTENSION = 6
"""Emergency and inner numbers are this short; longer ones may be a person's and are not kept."""

LONGEST_BEFORE_QUEUE = timedelta(hours=1)
"""An id older than this says nothing about when its call began (menus do not last so long)."""

_TORN_RESTART = re.compile(r"(\d{10})\|NONE\|NONE\|NONE\|QUEUESTART\|?$")
_ID_EPOCH = re.compile(r"(?:^|-)(\d{9,11})\.\d+$")

NOT_ABOUT_CALLS = frozenset({
    "PAUSE", "PAUSEALL", "UNPAUSE", "UNPAUSEALL", "ADDMEMBER", "REMOVEMEMBER", "PENALTY", "RINGINUSE",
    "CONFIGRELOAD", "QUEUESTART", "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF",
    "DID", "INFO",
})  # fmt: skip
"""Kinds that say nothing of a call's fate: recognised and counted."""


class Unreadable(StrEnum):
    """Why a line is kept raw."""

    NOT_UTF8 = "not_utf8"
    TOO_LONG = "too_long"
    CUT_SHORT = "cut_short"
    BAD_TIME = "bad_time"
    BAD_NUMBER = "bad_number"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_QUEUE = "unknown_queue"
    NO_CALL = "no_call"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A telephone exchange as the tenants' files describe it: which queue is whose trunk.

    Queues that nobody names belong to `whole`, the one trunk that names none because all are its own.
    """

    id: str
    queues: Mapping[str, Trunk] = field(default_factory=dict)
    whole: Trunk | None = None

    @property
    def is_named(self) -> bool:
        """Whether any tenant says that calls come from here."""
        return bool(self.queues) or self.whole is not None

    def trunk_of(self, queue: str) -> Trunk | None:
        """Return whose queue this is."""
        return self.queues.get(queue, self.whole)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line gave: facts, a reason to keep it raw, a kind to count; a line may give several."""

    told: tuple[Told, ...] = ()
    unreadable: Unreadable | None = None
    tenant: str | None = None
    counted: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    at: datetime
    call_id: str
    queue: str
    agent: str
    event: str
    fields: tuple[str, ...]
    exchange: Exchange
    recorded_at: datetime
    order: int

    @property
    def trunk(self) -> Trunk | None:
        return self.exchange.trunk_of(self.queue)


def read(memory: Memory, line: bytes, *, exchange: Exchange, recorded_at: datetime) -> tuple[Memory, Reading]:
    """Read one line, without its newline; the memory returned belongs to the next line."""
    text = line.decode("utf-8", "replace").rstrip("\r")
    if not text.strip():
        return memory, Reading(counted="EMPTY")
    if len(line) > LONGEST_LINE_BYTES:
        return memory, Reading(unreadable=Unreadable.TOO_LONG)
    memory = memory.counted()
    torn = _TORN_RESTART.search(text)
    if torn is not None and torn.start() > 0:
        return _rescued(memory, torn.group(0), exchange, recorded_at)
    parsed = _parse(text, exchange, recorded_at, memory.lines)
    if isinstance(parsed, Unreadable):
        return memory, Reading(unreadable=parsed)
    memory, reading = _read_line(memory, parsed)
    if b"\xef\xbf\xbd" not in line and "�" in text and reading.unreadable is None:
        reading = replace(reading, unreadable=Unreadable.NOT_UTF8, tenant=_tenant(parsed))
    return memory, reading


def _parse(text: str, exchange: Exchange, recorded_at: datetime, order: int) -> _Line | Unreadable:
    parts = text.split("|")
    if len(parts) < 5:  # noqa: PLR2004 -- the five columns every line has
        return Unreadable.CUT_SHORT
    at = _moment(parts[0])
    if at is None:
        return Unreadable.BAD_TIME
    call_id, queue, agent, event = parts[1:5]
    return _Line(at, call_id, queue, agent, event, tuple(parts[5:]), exchange, recorded_at, order)


def _moment(text: str) -> datetime | None:
    """Whole epoch seconds, with or without a fraction, as UTC; None for anything else."""
    if not re.fullmatch(r"\d{9,11}(\.\d{1,6})?", text, re.ASCII):
        return None
    return datetime.fromtimestamp(float(text), UTC)


def _rescued(
    memory: Memory, restart: str, exchange: Exchange, recorded_at: datetime
) -> tuple[Memory, Reading]:
    """A crash tears the last line, and the restart's own line is glued to it: that one must not be missed."""
    line = _parse(restart, exchange, recorded_at, memory.lines)
    if isinstance(line, Unreadable):
        return memory, Reading(unreadable=line)
    memory, reading = _restart(memory, line)
    return memory, replace(reading, unreadable=Unreadable.CUT_SHORT)


def _read_line(memory: Memory, line: _Line) -> tuple[Memory, Reading]:
    if line.event == "QUEUESTART":
        return _restart(memory, line)
    memory = memory.at(line.at)
    if line.event in NOT_ABOUT_CALLS:
        return memory, Reading(counted=line.event)
    if line.event not in _KINDS:
        return memory, Reading(unreadable=Unreadable.UNKNOWN_KIND, tenant=_tenant(line))
    if line.call_id in {"", "NONE"} or max(len(line.call_id), len(line.agent)) > LONGEST_NAME:
        return memory, Reading(unreadable=Unreadable.NO_CALL, tenant=_tenant(line))
    if line.trunk is None:
        return memory, Reading(unreadable=Unreadable.UNKNOWN_QUEUE)
    told, problem = _told(line, line.trunk)
    return _remember(memory, line), Reading((told,), problem, line.trunk.tenant if problem else None)


def _tenant(line: _Line) -> str | None:
    return line.trunk.tenant if line.trunk else None


def _restart(memory: Memory, line: _Line) -> tuple[Memory, Reading]:
    """Whoever was there is cut; the ends written while the exchange went down are not theirs."""
    cut, memory = memory.restarted(line.at)
    told = []
    for stay in cut:
        trunk = line.exchange.trunk_of(stay.queue)
        if trunk is not None:
            told.append(Told(_cut(stay, trunk, line, memory.cut_at(line.at))))
    return memory.at(line.at), Reading(tuple(told), counted=line.event)


def _cut(stay: Stay, trunk: Trunk, line: _Line, cut_at: datetime) -> Fact:
    call = CallKey(trunk.tenant, trunk.id, stay.call_id)
    apart = (line.at.isoformat(), stay.queue)
    return Fact(
        id=Fact.identify(call, FactKind.RESTARTED, Witness.QUEUE_LOG, *apart),
        call=call,
        kind=FactKind.RESTARTED,
        witness=Witness.QUEUE_LOG,
        occurred_at=line.at,
        recorded_at=line.recorded_at,
        order=line.order,
        queue=stay.queue,
        cut_at=cut_at,
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where the numbers of one kind of line stand: from the left, or from the right where fields vary."""

    fact: FactKind
    waiting: int | None = None
    talking: int | None = None
    ringing: int | None = None
    ringing_unit: timedelta = timedelta(seconds=1)
    ended_by: EndedBy | None = None
    exit: Exit | None = None
    target: int | None = None


_MILLISECOND = timedelta(milliseconds=1)
_KINDS = {
    "ENTERQUEUE": _Kind(FactKind.QUEUED),
    "CONNECT": _Kind(FactKind.ANSWERED, waiting=0, ringing=2),
    "COMPLETECALLER": _Kind(FactKind.ENDED, waiting=0, talking=1, ended_by=EndedBy.CALLER),
    "COMPLETEAGENT": _Kind(FactKind.ENDED, waiting=0, talking=1, ended_by=EndedBy.AGENT),
    "ABANDON": _Kind(FactKind.ABANDONED, waiting=2, ended_by=EndedBy.CALLER),
    "RINGNOANSWER": _Kind(FactKind.AGENT_NO_ANSWER, ringing=0, ringing_unit=_MILLISECOND),
    "RINGCANCELED": _Kind(FactKind.AGENT_RING_CANCELED, ringing=0, ringing_unit=_MILLISECOND),
    "EXITWITHTIMEOUT": _Kind(FactKind.EXITED, waiting=2, exit=Exit.TIMEOUT),
    "EXITWITHKEY": _Kind(FactKind.EXITED, waiting=3, exit=Exit.KEY),
    "EXITEMPTY": _Kind(FactKind.EXITED, waiting=2, exit=Exit.EMPTY),
    "WITHDRAW": _Kind(FactKind.EXITED, waiting=2, exit=Exit.WITHDRAWN),
    "BLINDTRANSFER": _Kind(FactKind.TRANSFERRED, waiting=-3, talking=-2, ended_by=EndedBy.TRANSFER, target=0),
    "ATTENDEDTRANSFER": _Kind(FactKind.TRANSFERRED, waiting=-3, talking=-2, ended_by=EndedBy.TRANSFER),
    "TRANSFER": _Kind(FactKind.TRANSFERRED, waiting=2, talking=3, ended_by=EndedBy.TRANSFER, target=0),
}


def _told(line: _Line, trunk: Trunk) -> tuple[Told, Unreadable | None]:
    """Make the fact a line states. Missing or foolish numbers are left out, and said."""
    kind = _KINDS[line.event]
    call = CallKey(trunk.tenant, trunk.id, line.call_id)
    entering = kind.fact is FactKind.QUEUED
    numbers = [_seconds(line.fields, kind.waiting), _seconds(line.fields, kind.talking)]
    ringing = _seconds(line.fields, kind.ringing, kind.ringing_unit)
    problems = [number for number in (*numbers, ringing) if isinstance(number, Unreadable)]
    waiting, talking, rang = (None if isinstance(n, Unreadable) else n for n in (*numbers, ringing))
    apart = [line.at.isoformat(), line.queue, line.event, line.agent]
    fact = Fact(
        id=Fact.identify(call, kind.fact, Witness.QUEUE_LOG, *apart, *(() if entering else line.fields)),
        call=call,
        kind=kind.fact,
        witness=Witness.QUEUE_LOG,
        occurred_at=line.at,
        recorded_at=line.recorded_at,
        order=line.order,
        queue=line.queue,
        agent="" if line.agent == "NONE" else line.agent,
        began_at=_began_at(line) if entering else None,
        waiting=waiting,
        ringing=rang,
        talking=talking,
        ended_by=kind.ended_by,
        exit=kind.exit,
        target=_short(_text(line.fields, kind.target)),
    )
    caller = _caller(line.fields) if entering else None
    return Told(fact, caller), problems[0] if problems else None


def _seconds(
    fields: tuple[str, ...], index: int | None, unit: timedelta = timedelta(seconds=1)
) -> timedelta | Unreadable | None:
    if index is None:
        return None
    if not -len(fields) <= index < len(fields):
        return Unreadable.CUT_SHORT
    if not re.fullmatch(r"\d{1,9}", fields[index], re.ASCII):
        return Unreadable.BAD_NUMBER
    return int(fields[index]) * unit


def _text(fields: tuple[str, ...], index: int | None) -> str:
    return fields[index] if index is not None and index < len(fields) else ""


def _short(target: str) -> str:
    return target if len(target) <= LONGEST_EXTENSION else ""


def _caller(fields: tuple[str, ...]) -> Caller | None:
    """`url|number|position|name`: withheld is empty; the name is there only where the exchange logs it."""
    caller = Caller(_text(fields, 1)[:LONGEST_NAME], "|".join(fields[3:])[:LONGEST_NAME])
    return caller or None


def _began_at(line: _Line) -> datetime | None:
    """Asterisk's ids begin with the second in which the call reached it."""
    found = _ID_EPOCH.search(line.call_id)
    began = _moment(found.group(1)) if found else None
    return began if began and timedelta() <= line.at - began <= LONGEST_BEFORE_QUEUE else None


def _remember(memory: Memory, line: _Line) -> Memory:
    kind = _KINDS[line.event].fact
    if kind in {FactKind.QUEUED, FactKind.ANSWERED}:
        return memory.entered(Stay(line.call_id, line.queue, line.at))
    if kind in {FactKind.ENDED, FactKind.ABANDONED}:
        return memory.left(Stay(line.call_id, line.queue, line.at))
    if kind in {FactKind.EXITED, FactKind.TRANSFERRED}:
        return memory.gone(line.call_id)
    return memory

"""A ticket's whole story: what five services tell of it, put into one order. Pure; nothing is asked here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from siaga_cli.commands.shown.times import read_moment, utc

INTAKE, TRIAGE, DISPATCH, NOTIFIER = "intake", "triage", "dispatch", "agency-notifier"
_FLOW = (INTAKE, TRIAGE, DISPATCH, NOTIFIER)
CLOCK = "clock"
_PROGRAMS = frozenset((*_FLOW, CLOCK))
_NOISE = frozenset(("delivery.claimed", "link.opened", "link.joined", "link.separated", "link.follow_again"))
_SAID = re.compile(r"(?P<agency>\S+) says (?P<reply>[a-z_]+)")
_TIME_OF_REPLY = {
    "accepted": "accepted_at",
    "en_route": "en_route_at",
    "on_scene": "on_scene_at",
    "done": "ended_at",
    "declined": "ended_at",
}
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened.

    Attributes:
        at: when, by the server's clock.
        occurred_at: when, by the clock of who told it (exchange, agency); None where nobody told.
        service: which service knows it.
        about: the thing it happened to, such as `call 1` or `damkar/posko`.
        what: the happening's short name.
        by: who did it.
        why: the reason that was given, or what exactly happened.
        trace_id: the trace it belongs to.
        version: the thing's version after it.
    """

    at: datetime | None
    occurred_at: datetime | None
    service: str
    about: str
    what: str
    by: str
    why: str
    trace_id: str
    version: int

    def as_json(self) -> dict[str, Any]:
        """Return the step for programs."""
        return {
            "at": None if self.at is None else utc(self.at),
            "occurred_at": None if self.occurred_at is None else utc(self.occurred_at),
            "service": self.service,
            "about": self.about,
            "what": self.what,
            "by": self.by,
            "why": self.why,
            "trace_id": self.trace_id,
        }


@dataclass(frozen=True, slots=True)
class Told:
    """What one service tells of one thing: its answer with a `timeline`, and how people call the thing."""

    service: str
    about: str
    answer: Mapping[str, Any]


def merge(tellings: Iterable[Told]) -> tuple[Step, ...]:
    """Return every step of every telling once, by server time; at the same time, in the flow's order."""
    steps = [step for told in tellings for step in _steps(told) if step.what not in _NOISE]
    return tuple(dict.fromkeys(sorted(steps, key=_place)))


def _place(step: Step) -> tuple[datetime, int, str, int]:
    rank = _FLOW.index(step.service) if step.service in _FLOW else len(_FLOW)
    return (step.at or _EARLIEST, rank, step.about, step.version)


def _steps(told: Told) -> list[Step]:
    lines = told.answer.get("timeline")
    if not isinstance(lines, Sequence) or isinstance(lines, str):
        return []
    return [_step(told, line, index + 1) for index, line in enumerate(lines) if isinstance(line, Mapping)]


def _step(told: Told, line: Mapping[str, Any], index: int) -> Step:
    why = str(line.get("why") or "")
    by = str(line.get("by") or "")
    # What one of our own programs told has no device's time: its time is another of our servers'.
    occurred = None if by in _PROGRAMS else read_moment(line.get("occurred_at"))
    if told.service == DISPATCH and (said := _SAID.match(why)):
        by = said["agency"]
        occurred = _device_time(told.answer, said["agency"], said["reply"])
    version = line.get("version")
    return Step(
        at=read_moment(line.get("at")),
        occurred_at=occurred,
        service=told.service,
        about=told.about,
        what=str(line.get("what") or ""),
        by=by,
        why=why,
        trace_id=str(line.get("trace_id") or ""),
        version=version if isinstance(version, int) else index,
    )


def _device_time(response: Mapping[str, Any], agency: str, reply: str) -> datetime | None:
    """Return when an agency says it happened, where the agency has one task and so one such time."""
    tasks = [one for one in response.get("tasks") or () if isinstance(one, Mapping)]
    own = [one for one in tasks if one.get("agency") == agency]
    return read_moment(own[0].get(_TIME_OF_REPLY.get(reply, ""))) if len(own) == 1 else None

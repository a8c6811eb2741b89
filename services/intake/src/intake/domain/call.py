"""One call: the story that all facts of all witnesses fold into, with exactly one outcome at its end."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from intake.domain.facts import CallKey, Exit, Fact, FactKind, Witness
from intake.domain.telling import Leaving, Note, Telling, Visit, tell
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import CallOutcome, CallStage, Channel, EndedBy

Value = TypeVar("Value")

_EXIT_DETAIL = {
    Exit.TIMEOUT: "exit_timeout",
    Exit.KEY: "exit_key",
    Exit.EMPTY: "exit_empty",
    Exit.WITHDRAWN: "withdrawn",
    Exit.FULL: "queue_full",
}


class NotOneCall(ValueError):
    """These facts cannot be folded: nobody saw anything, or they speak of several calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One contact by telephone as all its witnesses together tell it.

    A call that was lost sight of is over with the outcome that was seen, marked, and with no time of
    its end: nobody saw it. `ended_by` is who ended the talk, so calls that nobody answered have none; `hung_up_first` is
    the person who put down first, where it was a person. `waiting` adds up all queues until the
    first answer. Every duration comes from one witness's clock.
    """

    key: CallKey
    stage: CallStage
    outcome: CallOutcome | None
    detail: str
    queue: str
    agent: str
    started_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    waiting: timedelta | None
    ringing: timedelta | None
    talking: timedelta | None
    ended_by: EndedBy | None
    hung_up_first: EndedBy | None
    transfers: int
    queues: tuple[str, ...]
    agents_rung_without_answer: tuple[str, ...]
    caller: Sealed | None
    caller_ref: str | None
    story: Sealed | None
    channel: Channel
    witnesses: tuple[Witness, ...]
    notes: tuple[Note, ...]
    recorded_at: datetime

    @property
    def order(self) -> str:
        """A place in time among all calls, without ties."""
        return f"{self.started_at.astimezone(UTC).isoformat()}/{self.key.call_id}"

    @property
    def is_final(self) -> bool:
        """Whether the call is over; a late fact may still make it richer, or correct it."""
        return self.outcome is not None


def fold(facts: Iterable[Fact]) -> Call:
    """Tell one call from its facts: any order, any repeat, the same call.

    Raises:
        NotOneCall: nobody saw anything, or they speak of several calls.
    """
    known = distinct(facts)
    seen = tuple(fact for fact in known if fact.kind is not FactKind.LOST_SIGHT)
    keys = {fact.call for fact in known}
    if len(keys) != 1 or not seen:
        message = f"one call is told by its facts; these tell {len(keys)}, {len(seen)} of them seen"
        raise NotOneCall(message)
    return _merge(keys.pop(), seen, _tellings(seen), lost_sight=_lost_sight(known, seen))


def _lost_sight(known: tuple[Fact, ...], seen: tuple[Fact, ...]) -> bool:
    """Whether nothing was heard since we said so: any later word, of whatever, refutes it."""
    heard_at = max(fact.recorded_at for fact in seen)
    return any(fact.occurred_at >= heard_at for fact in known if fact.kind is FactKind.LOST_SIGHT)


def distinct(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Keep each statement once, in the one order that any arrival gives."""
    by_id: dict[str, Fact] = {}
    for fact in facts:
        by_id[fact.id] = fact.repeated_as(by_id[fact.id]) if fact.id in by_id else fact
    return tuple(sorted(by_id.values(), key=lambda fact: fact.sort_key))


def _tellings(facts: tuple[Fact, ...]) -> list[Telling]:
    """One telling per witness, the most believed first; the first that saw an answer leads."""
    heard = {fact.witness for fact in facts}
    tellings = [
        tell(witness, [fact for fact in facts if fact.witness is witness])
        for witness in Witness
        if witness in heard
    ]
    return sorted(tellings, key=lambda telling: telling.first_answered is None)


def _merge(key: CallKey, facts: tuple[Fact, ...], tellings: list[Telling], *, lost_sight: bool) -> Call:
    stage = _stage(tellings)
    over = stage is CallStage.ENDED
    unseen = lost_sight and not over
    outcome, detail = _outcome(tellings) if over or unseen else (None, "")
    return Call(
        key=key,
        stage=CallStage.ENDED if unseen else stage,
        outcome=outcome,
        detail=detail,
        queue=_first(tellings, _queue) or "",
        agent=_first(tellings, _agent) or "",
        started_at=_first(tellings, lambda telling: telling.began_at) or facts[0].occurred_at,
        queued_at=_first(tellings, _queued_at),
        answered_at=_first(tellings, _answered_at),
        ended_at=_first(tellings, _ended_at) if over else None,
        waiting=_first(tellings, _waiting),
        ringing=_first(tellings, _ringing),
        talking=_first(tellings, _talking),
        ended_by=_ended_by(tellings) if outcome is CallOutcome.ANSWERED else None,
        hung_up_first=_first(tellings, _hung_up_first) if over else None,
        transfers=max(telling.transfers for telling in tellings),
        queues=_first(tellings, _queues) or (),
        agents_rung_without_answer=_first(tellings, _rung_without_answer) or (),
        caller=next((fact.caller for fact in facts if fact.caller), None),
        caller_ref=next((fact.caller_ref for fact in facts if fact.caller_ref), None),
        story=next((fact.story for fact in facts if fact.story), None),
        channel=next((fact.channel for fact in facts if fact.channel), Channel.PHONE),
        witnesses=tuple(witness for witness in Witness if witness in {t.witness for t in tellings}),
        notes=_notes(tellings, unseen=unseen),
        recorded_at=max(fact.recorded_at for fact in facts),
    )


def _first(tellings: list[Telling], read: Callable[[Telling], Value | None]) -> Value | None:
    """Take a value from the first telling that knows it, whole: never half of it from another clock."""
    return next((value for value in map(read, tellings) if value is not None), None)


def _stage(tellings: list[Telling]) -> CallStage:
    last = [telling.last for telling in tellings if telling.last is not None]
    if any(visit.is_over_for_good for visit in last):
        return CallStage.ENDED
    if any(visit.is_open and visit.answered for visit in last):
        return CallStage.ANSWERED
    if last and not last[0].is_open:
        return CallStage.ENDED
    if any(visit.is_in_queue for visit in last):
        return CallStage.QUEUED
    return CallStage.RINGING


def _outcome(tellings: list[Telling]) -> tuple[CallOutcome, str]:
    if any(telling.first_answered for telling in tellings):
        return CallOutcome.ANSWERED, "answered"
    was_in_queue = any(visit.is_in_queue for telling in tellings for visit in telling.visits)
    ends = (telling.last for telling in tellings if telling.last and not telling.last.is_open)
    end = next(ends, None)
    if end is None:
        return CallOutcome.UNANSWERED, "lost_sight"
    return _without_answer(end, was_in_queue=was_in_queue)


def _without_answer(visit: Visit, *, was_in_queue: bool) -> tuple[CallOutcome, str]:
    if visit.cut:
        return CallOutcome.UNANSWERED, "cut_in_queue" if was_in_queue else "cut_in_menu"
    if visit.leaving is Leaving.ABANDONED:
        outcome = CallOutcome.ABANDONED_IN_QUEUE if was_in_queue else CallOutcome.ABANDONED_IN_MENU
        return outcome, outcome.value
    return CallOutcome.UNANSWERED, _EXIT_DETAIL[visit.exit] if visit.exit else "not_answered"


def _queue(telling: Telling) -> str | None:
    visit = telling.first_answered or telling.last
    return visit.queue or None if visit else None


def _queues(telling: Telling) -> tuple[str, ...] | None:
    return tuple(visit.queue for visit in telling.visits if visit.queue) or None


def _agent(telling: Telling) -> str | None:
    return telling.first_answered.agent or None if telling.first_answered else None


def _queued_at(telling: Telling) -> datetime | None:
    return next((visit.queued_at for visit in telling.visits if visit.queued_at), None)


def _answered_at(telling: Telling) -> datetime | None:
    return telling.first_answered.answered_at if telling.first_answered else None


def _ended_at(telling: Telling) -> datetime | None:
    return telling.last.left_at if telling.last else None


def _waiting(telling: Telling) -> timedelta | None:
    if telling.witness is Witness.REPORT:
        return None  # nobody waited: it was typed in, and counts in no answer time
    waits: list[timedelta | None] = []
    answered = telling.first_answered
    if answered and answered.answered_at and not answered.is_in_queue:
        waits.append(answered.answered_at - telling.began_at)
    for visit in telling.visits:
        if visit.is_in_queue:
            waits.append(visit.waiting)
        if visit.answered:
            break
    known = [wait for wait in waits if wait is not None]
    return sum(known, timedelta()) if known and len(known) == len(waits) else None


def _ringing(telling: Telling) -> timedelta | None:
    return telling.first_answered.rang if telling.first_answered else None


def _talking(telling: Telling) -> timedelta | None:
    if telling.witness is Witness.REPORT:
        return None
    talks = [visit.talking for visit in telling.visits if visit.answered]
    known = [talk for talk in talks if talk is not None]
    return sum(known, timedelta()) if known and len(known) == len(talks) else None


def _ended_by(tellings: list[Telling]) -> EndedBy:
    ends = (telling.last_answered.ended_by for telling in tellings if telling.last_answered)
    told = [by for by in ends if by is not None]
    return told[0] if told else EndedBy.UNKNOWN


def _hung_up_first(telling: Telling) -> EndedBy | None:
    by = telling.last.ended_by if telling.last else None
    return by if by in {EndedBy.CALLER, EndedBy.AGENT} else None


def _rung_without_answer(telling: Telling) -> tuple[str, ...] | None:
    return telling.rung_without_answer or None


def _notes(tellings: list[Telling], *, unseen: bool) -> tuple[Note, ...]:
    found = {note for telling in tellings for note in telling.notes}
    found |= {Note.LOST_SIGHT} if unseen else set()
    outcomes = {_outcome([telling])[0] for telling in tellings if telling.last and not telling.last.is_open}
    if len(outcomes) > 1:
        found.add(Note.WITNESSES_DISAGREE)
    return tuple(note for note in Note if note in found)

"""What one witness tells of one call, put in order: the visits to queues, one after the other.

Every witness is folded alone, because durations may never come from two clocks (A7).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from intake.domain.facts import Exit, Fact, FactKind, Witness
from shared_schemas.vocabulary import EndedBy

DISAGREEMENT = timedelta(seconds=2)
"""Whole seconds on both sides may honestly differ by less than this."""


class Note(StrEnum):
    """What did not fit together. Nothing is refused for it: a call is counted, and marked."""

    ENTRY_NOT_SEEN = "entry_not_seen"
    ANSWER_NOT_SEEN = "answer_not_seen"
    END_NOT_SEEN = "end_not_seen"
    LEFT_UNSEEN = "left_unseen"
    QUEUED_AGAIN = "queued_again"
    ANSWERED_AGAIN = "answered_again"
    ANSWERED_AFTER_END = "answered_after_end"
    ABANDONED_AFTER_ANSWER = "abandoned_after_answer"
    ENDED_TWICE = "ended_twice"
    NUMBERS_DISAGREE = "numbers_disagree"
    CLOCK_WENT_BACK = "clock_went_back"
    WITNESSES_DISAGREE = "witnesses_disagree"
    LOST_SIGHT = "lost_sight"
    TOO_MANY_FACTS = "too_many_facts"


class Leaving(StrEnum):
    """How a visit to a queue (or the time before any queue) ended."""

    ABANDONED = "abandoned"
    EXITED = "exited"
    ENDED = "ended"
    TRANSFERRED = "transferred"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stay in one queue, talk included; with no queue, the time before the first one."""

    queue: str = ""
    queued_at: datetime | None = None
    answered: bool = False
    answered_at: datetime | None = None
    agent: str = ""
    waited: timedelta | None = None
    rang: timedelta | None = None
    talked: timedelta | None = None
    leaving: Leaving | None = None
    left_at: datetime | None = None
    ended_by: EndedBy | None = None
    exit: Exit | None = None
    cut: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the caller is still there, as far as this witness knows."""
        return self.leaving is None and not self.cut

    @property
    def is_in_queue(self) -> bool:
        """Whether this was a stay in a queue, not the ringing or the menu before it."""
        return bool(self.queue) or self.queued_at is not None

    @property
    def is_over_for_good(self) -> bool:
        """Whether the call itself ended here; who merely left a queue may enter another."""
        return self.cut or self.leaving in {Leaving.ABANDONED, Leaving.ENDED, Leaving.TRANSFERRED}

    @property
    def waiting(self) -> timedelta | None:
        """Time in the queue: the exchange's own count, else the difference on its clock."""
        return self.waited if self.waited is not None else _between(self.queued_at, self._waited_until)

    @property
    def talking(self) -> timedelta | None:
        """Time with the agent: the exchange's own count, else the difference on its clock."""
        if not self.answered:
            return None
        return self.talked if self.talked is not None else _between(self.answered_at, self.left_at)

    @property
    def _waited_until(self) -> datetime | None:
        return self.answered_at if self.answered else self.left_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """All that one witness tells of one call, in order."""

    witness: Witness
    began_at: datetime
    visits: tuple[Visit, ...] = ()
    rung_without_answer: tuple[str, ...] = ()
    transfers: int = 0
    notes: frozenset[Note] = frozenset()

    @property
    def last(self) -> Visit | None:
        """The visit that the call is in, or was in last."""
        return self.visits[-1] if self.visits else None

    @property
    def first_answered(self) -> Visit | None:
        """The visit in which a person first spoke with the caller."""
        return next((visit for visit in self.visits if visit.answered), None)

    @property
    def last_answered(self) -> Visit | None:
        """The visit in which a person spoke with the caller last."""
        return next((visit for visit in reversed(self.visits) if visit.answered), None)

    def noting(self, *notes: Note) -> "Telling":
        """Return this telling with more that did not fit."""
        return replace(self, notes=self.notes | set(notes))

    def with_visit(self, index: int, visit: Visit) -> "Telling":
        """Return this telling with one visit changed."""
        return replace(self, visits=(*self.visits[:index], visit, *self.visits[index + 1 :]))


def tell(witness: Witness, facts: Iterable[Fact]) -> Telling:
    """Put one witness's facts about one call in order; needs at least one, each statement once."""
    ordered = sorted(facts, key=lambda fact: fact.sort_key)
    telling = Telling(witness=witness, began_at=_began_at(ordered))
    for fact in ordered:
        telling = _RULES[fact.kind](telling, fact)
    return _checked(telling)


def _began_at(facts: list[Fact]) -> datetime:
    told = [fact.began_at for fact in facts if fact.began_at is not None]
    return min([*told, *(fact.occurred_at for fact in facts)])


def _nothing_new(telling: Telling, _: Fact) -> Telling:
    return telling


def _queued(telling: Telling, fact: Fact) -> Telling:
    last = telling.last
    if last is None:
        return _entered(telling, fact)
    index = len(telling.visits) - 1
    if last.queue == fact.queue and last.is_in_queue and last.queued_at is None:
        return telling.with_visit(index, replace(last, queued_at=fact.occurred_at))
    if not last.is_open:
        return _entered(telling, fact)
    if last.queue == fact.queue and last.is_in_queue:
        return telling.noting(Note.QUEUED_AGAIN)
    moved = replace(last, leaving=Leaving.MOVED, left_at=fact.occurred_at)
    return _entered(telling.with_visit(index, moved).noting(Note.LEFT_UNSEEN), fact)


def _entered(telling: Telling, fact: Fact) -> Telling:
    visit = Visit(queue=fact.queue, queued_at=fact.occurred_at)
    return replace(telling, visits=(*telling.visits, visit))


def _visit_of(telling: Telling, fact: Fact) -> tuple[Telling, int, Visit]:
    """Find the visit a fact speaks of: the last to its queue; one is supposed where none was seen."""
    for index in range(len(telling.visits) - 1, -1, -1):
        if not fact.queue or telling.visits[index].queue == fact.queue:
            return telling, index, telling.visits[index]
    supposed = Visit(queue=fact.queue)
    return replace(telling, visits=(*telling.visits, supposed)), len(telling.visits), supposed


def _agent_did_not_answer(telling: Telling, fact: Fact) -> Telling:
    return replace(telling, rung_without_answer=(*telling.rung_without_answer, fact.agent))


def _answered(telling: Telling, fact: Fact) -> Telling:
    telling, index, visit = _visit_of(telling, fact)
    if visit.leaving in {Leaving.TRANSFERRED, Leaving.EXITED, Leaving.MOVED}:
        entered_at = visit.left_at if visit.leaving is Leaving.TRANSFERRED else None
        visit, index = Visit(queue=visit.queue, queued_at=entered_at), len(telling.visits)
        telling = replace(telling, visits=(*telling.visits, visit))
    elif visit.answered:
        return telling.noting(Note.ANSWERED_AGAIN)
    elif not visit.is_open:
        telling = telling.noting(Note.ANSWERED_AFTER_END)
    return telling.with_visit(index, _picked_up(visit, fact, fact.occurred_at))


def _picked_up(visit: Visit, fact: Fact, at: datetime | None) -> Visit:
    return replace(
        visit, answered=True, answered_at=at, agent=fact.agent, waited=fact.waiting, rang=fact.ringing
    )


def _answer_implied(telling: Telling, visit: Visit, fact: Fact) -> tuple[Telling, Visit]:
    """A talk that ends was answered, whether or not its beginning was seen (a later state implies it)."""
    if visit.answered or not (fact.agent or fact.talking):
        return telling, visit
    at = fact.occurred_at - fact.talking if fact.talking is not None else None
    return telling.noting(Note.ANSWER_NOT_SEEN), _picked_up(visit, fact, at)


def _transferred(telling: Telling, fact: Fact) -> Telling:
    telling, index, visit = _visit_of(telling, fact)
    telling, visit = _answer_implied(replace(telling, transfers=telling.transfers + 1), visit, fact)
    if visit.leaving is not None:
        return telling.with_visit(index, visit)
    return telling.with_visit(index, _left(visit, fact, Leaving.TRANSFERRED, EndedBy.TRANSFER))


def _ended(telling: Telling, fact: Fact) -> Telling:
    telling, index, visit = _visit_of(telling, fact)
    telling, visit = _answer_implied(telling, visit, fact)
    if visit.leaving is Leaving.TRANSFERRED and fact.witness is not Witness.QUEUE_LOG:
        return telling  # the exchange says at last that a transferred call is over
    hung_up_waiting = not visit.answered and fact.ended_by is EndedBy.CALLER
    leaving = Leaving.ABANDONED if hung_up_waiting else Leaving.ENDED
    return _leave(telling, index, visit, fact, leaving)


def _abandoned(telling: Telling, fact: Fact) -> Telling:
    telling, index, visit = _visit_of(telling, fact)
    if visit.answered and visit.is_open:
        telling = telling.noting(Note.ABANDONED_AFTER_ANSWER)
    return _leave(telling, index, visit, replace(fact, ended_by=EndedBy.CALLER), Leaving.ABANDONED)


def _exited(telling: Telling, fact: Fact) -> Telling:
    telling, index, visit = _visit_of(telling, fact)
    return _leave(telling, index, visit, fact, Leaving.EXITED)


def _leave(telling: Telling, index: int, visit: Visit, fact: Fact, leaving: Leaving) -> Telling:
    talk_ended = visit.answered and leaving is Leaving.ENDED
    if visit.leaving is not None and not (talk_ended and visit.leaving is Leaving.ABANDONED):
        return telling.with_visit(index, visit).noting(Note.ENDED_TWICE)
    return telling.with_visit(index, _left(visit, fact, leaving, fact.ended_by))


def _left(visit: Visit, fact: Fact, leaving: Leaving, by: EndedBy | None) -> Visit:
    waited = fact.waiting if visit.waited is None else visit.waited
    return replace(
        visit,
        leaving=leaving,
        left_at=fact.occurred_at,
        ended_by=by,
        exit=fact.exit,
        waited=waited,
        talked=fact.talking,
        agent=visit.agent or fact.agent,
    )


def _restarted(telling: Telling, fact: Fact) -> Telling:
    """The exchange stopped under the call; what it wrote as its end, numbers included, is false.

    Where the beginning was not seen, the false numbers are the only ones and stay.
    """
    telling, index, visit = _visit_of(telling, fact)
    if visit.left_at is None:
        telling = telling.noting(Note.END_NOT_SEEN)
    cut = replace(visit, cut=True, ended_by=EndedBy.PBX_RESTART, left_at=fact.cut_at or fact.occurred_at)
    if cut.answered and cut.answered_at is not None:
        cut = replace(cut, talked=None)
    if not cut.answered and cut.queued_at is not None:
        cut = replace(cut, waited=None)
    return telling.with_visit(index, cut)


def _checked(telling: Telling) -> Telling:
    notes = {note for visit in telling.visits for note in _misfits(visit)}
    times = [time for visit in telling.visits for time in (visit.queued_at, visit.answered_at) if time]
    return replace(telling.noting(*notes), began_at=min([telling.began_at, *times]))


def _misfits(visit: Visit) -> Iterable[Note]:
    if visit.queue and visit.queued_at is None:
        yield Note.ENTRY_NOT_SEEN
    times = [time for time in (visit.queued_at, visit.answered_at, visit.left_at) if time is not None]
    if times != sorted(times):
        yield Note.CLOCK_WENT_BACK
    counted = [
        (visit.waited, visit.queued_at, visit.answered_at if visit.answered else visit.left_at),
        (visit.talked, visit.answered_at, visit.left_at),
    ]
    if any(_differ(own, first, last) for own, first, last in counted):
        yield Note.NUMBERS_DISAGREE


def _differ(own: timedelta | None, first: datetime | None, last: datetime | None) -> bool:
    between = _between(first, last)
    return own is not None and between is not None and abs(own - between) > DISAGREEMENT


def _between(first: datetime | None, last: datetime | None) -> timedelta | None:
    return last - first if first is not None and last is not None and last >= first else None


_RULES: dict[FactKind, Callable[[Telling, Fact], Telling]] = {
    FactKind.RINGING: _nothing_new,
    FactKind.QUEUED: _queued,
    FactKind.AGENT_RINGING: _nothing_new,
    FactKind.AGENT_NO_ANSWER: _agent_did_not_answer,
    FactKind.AGENT_RING_CANCELED: _nothing_new,
    FactKind.ANSWERED: _answered,
    FactKind.TRANSFERRED: _transferred,
    FactKind.EXITED: _exited,
    FactKind.ABANDONED: _abandoned,
    FactKind.ENDED: _ended,
    FactKind.RESTARTED: _restarted,
    FactKind.LOST_SIGHT: _nothing_new,
}

"""A ticket follows what the desk decided, in any order and however often it is told."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service_kit.decisions import Changed
from services.triage.tests.fakes import CALLER, NOON, NUMBER_STEM, SITI, TTU, ticket
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Lane, Priority
from triage.domain.following import AlreadyFollowed, NothingToFollow, follow
from triage.domain.link import Link, LinkKind, Opening
from triage.domain.ticket import Ticket

OPENING = Opening(
    number_stem=NUMBER_STEM,
    incident_type="structure_fire",
    common_type="structure_fire",
    priority=Priority.P1,
    lane=Lane.EMERGENCY,
)


def link(kind: LinkKind, ordinal: int, *, caller: Sealed | None = None) -> Link:
    return Link(
        ordinal=ordinal,
        kind=kind,
        ticket_id="ticket-1",
        by=SITI,
        at=NOON,
        retry_at=NOON,
        caller=caller,
        opening=OPENING if kind is LinkKind.OPENED else None,
    )


def followed(before: Ticket | None, call_id: str, one: Link) -> Ticket | None:
    outcome = follow(before, one, tenant=TTU, call_id=call_id, number=f"{NUMBER_STEM}-0001")
    return outcome.state if isinstance(outcome, Changed) else before


def test_a_ticket_is_opened_with_its_first_call_and_caller() -> None:
    opened = followed(None, "call-1", link(LinkKind.OPENED, 1, caller=CALLER))
    assert opened is not None
    assert (opened.calls, opened.caller, opened.round) == (("call-1",), CALLER, 0)
    assert opened.number == "TTU-20261122-0001"


def test_opening_twice_is_dull() -> None:
    opened = followed(None, "call-1", link(LinkKind.OPENED, 1))
    outcome = follow(opened, link(LinkKind.OPENED, 1), tenant=TTU, call_id="call-1", number="")
    assert outcome == AlreadyFollowed()


def test_a_ticket_that_is_not_there_cannot_be_joined() -> None:
    outcome = follow(None, link(LinkKind.JOINED, 1), tenant=TTU, call_id="call-1", number="")
    assert outcome == NothingToFollow()


def test_a_late_joining_does_not_undo_a_separation() -> None:
    joined = followed(ticket(), "call-2", link(LinkKind.JOINED, 1))
    alone = followed(joined, "call-2", link(LinkKind.SEPARATED, 2))
    assert alone is not None
    assert followed(alone, "call-2", link(LinkKind.JOINED, 1)) == alone
    assert alone.calls == ()


def test_the_caller_of_a_separated_call_is_not_called_back() -> None:
    other = Sealed("call-2/1", "n", "c")
    first = followed(None, "call-1", link(LinkKind.OPENED, 1, caller=CALLER))
    both = followed(first, "call-2", link(LinkKind.JOINED, 1, caller=other))
    left = followed(both, "call-1", link(LinkKind.SEPARATED, 2))
    assert left is not None
    assert (left.calls, left.caller, left.contact) == (("call-2",), other, "call-2")
    empty = followed(left, "call-2", link(LinkKind.SEPARATED, 2))
    assert empty is not None
    assert (empty.caller, empty.contact) == (None, "call-1")


Told = list[tuple[str, int]]


@given(st.lists(st.tuples(st.sampled_from(["call-1", "call-2", "call-3"]), st.integers(1, 6)), max_size=30))
def test_in_any_order_and_repeat_each_call_ends_where_its_newest_link_says(told: Told) -> None:
    end: Ticket | None = ticket()
    for call_id, ordinal in told:
        kind = LinkKind.JOINED if ordinal % 2 else LinkKind.SEPARATED
        end = followed(end, call_id, link(kind, ordinal))
    assert end is not None
    newest = {call_id: max(n for name, n in told if name == call_id) for call_id, _ in told}
    assert set(end.calls) == {call_id for call_id, ordinal in newest.items() if ordinal % 2}
    assert len({one.call_id for one in end.linked}) == len(end.linked)


def test_calls_stand_in_the_order_in_which_they_joined() -> None:
    end: Ticket | None = ticket()
    for ordinal, call_id in enumerate(["call-3", "call-1", "call-2"], start=1):
        end = followed(end, call_id, link(LinkKind.JOINED, ordinal))
    assert end is not None
    assert list(pairwise(end.calls)) == [("call-3", "call-1"), ("call-1", "call-2")]

"""P1 goes first, and so does what nobody has judged."""

from types import SimpleNamespace

import pytest

from service_kit.urgency import rank, rank_of


def test_priorities_go_in_their_order() -> None:
    assert sorted(["P3", "P1", "P4", "P2"], key=rank) == ["P1", "P2", "P3", "P4"]


@pytest.mark.parametrize("unknown", ["", "P0", "sofort", None])
def test_what_nobody_has_judged_waits_behind_nobody(unknown: str | None) -> None:
    assert rank(unknown) == rank("P1")


def test_a_ticket_and_a_response_tell_their_priority_each_in_its_place() -> None:
    ticket = SimpleNamespace(priority="P3")
    response = SimpleNamespace(brief=SimpleNamespace(priority="P2"))
    call = SimpleNamespace(stage="ringing")
    assert sorted([ticket, response, call], key=rank_of) == [call, response, ticket]

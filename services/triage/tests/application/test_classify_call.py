"""A call taker names what a call was, and says why when the name changes."""

from datetime import timedelta

from service_kit.decisions import NotPossible, Saved
from services.triage.tests.fakes import BUDI, NOON, SITI, TTU, Desk, command
from shared_schemas.vocabulary import Classification

LATER = NOON + timedelta(seconds=5)


async def test_the_label_says_who_gave_it_and_when(desk: Desk) -> None:
    desk.has_call()
    asked = command(by=BUDI, at=LATER)
    await desk.classify(TTU, "call-1", Classification.PRANK, asked)
    on_desk = desk.calls.only()
    assert on_desk.classification is Classification.PRANK
    assert (on_desk.classified_by, on_desk.classified_at) == (BUDI, LATER)
    assert desk.calls.asked == [asked]


async def test_another_label_needs_a_reason(desk: Desk) -> None:
    desk.has_call()
    await desk.classify(TTU, "call-1", Classification.PRANK, command())
    silent = await desk.classify(TTU, "call-1", Classification.INFORMATION, command("silent"))
    assert isinstance(silent, NotPossible)
    told = await desk.classify(
        TTU, "call-1", Classification.INFORMATION, command("told", by=SITI, reason="salah dengar")
    )
    assert isinstance(told, Saved)
    assert desk.calls.only().reclassified == 1

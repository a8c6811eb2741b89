"""What triage hears and says, in the words of the contracts."""

import pytest

from services.triage.tests.fakes import CALLER, NOON, SITI, TTU, call, facts, minutes, ticket
from shared_schemas import events
from shared_schemas.topics import TOPICS
from shared_schemas.vocabulary import (
    CallOutcome,
    CallStage,
    Channel,
    Classification,
    Disposition,
    TicketStatus,
)
from triage import contracts
from triage.domain.ticket import Closing, LinkedCall

NEWER_WORD = "hologram"
BY_DESK = Closing(disposition=Disposition.CANCELLED, at=NOON, by=SITI, reason="batal", by_desk=True)


def call_state(**known: object) -> events.CallState:
    usual = {
        "tenant": TTU,
        "recorded_at": NOON,
        "call_id": "call-1",
        "trunk": "pbx-ttu",
        "exchange_call_id": "1795418172.0",
        "stage": "ringing",
        "started_at": NOON,
    }
    return events.CallState.model_validate({**usual, **known})


def test_triage_is_what_the_topics_say_of_it() -> None:
    said = {name for name, topic in TOPICS.items() if contracts.SOURCE in topic.producers}
    heard = {name for name, topic in TOPICS.items() if contracts.SOURCE in topic.consumers}
    assert said == contracts.SAYS
    assert heard - {"tenant.configured"} == contracts.HEARS


def test_a_call_is_said_as_it_was_heard_with_the_desks_part() -> None:
    told = call_state(
        stage="ended",
        outcome="answered",
        channel="whatsapp",
        answered_at=NOON,
        talking_seconds=42.5,
        caller=CALLER,
        agent="SITI",
    )
    on_desk = call(contracts.facts_heard(told), classification=Classification.PRANK, reclassified=1)
    said = contracts.call_said(on_desk, NOON)
    assert said.model_copy(update={"desk": None}) == told
    assert said.desk is not None
    assert (said.desk.classification, said.desk.reclassified) == (Classification.PRANK, 1)


@pytest.mark.parametrize(
    ("times", "stage"),
    [
        ({}, CallStage.RINGING),
        ({"answered_at": NOON}, CallStage.ANSWERED),
        ({"answered_at": NOON, "ended_at": NOON}, CallStage.ENDED),
    ],
)
def test_a_stage_of_a_newer_version_is_read_from_the_times(
    times: dict[str, object], stage: CallStage
) -> None:
    assert contracts.facts_heard(call_state(stage=NEWER_WORD, **times)).stage is stage


@pytest.mark.parametrize(("answered_at", "outcome"), [(None, None), (NOON, CallOutcome.ANSWERED)])
def test_an_outcome_of_a_newer_version_is_read_from_the_times(
    answered_at: object, outcome: CallOutcome | None
) -> None:
    told = call_state(stage="ended", outcome=NEWER_WORD, answered_at=answered_at)
    assert contracts.facts_heard(told).outcome is outcome


def test_a_channel_of_a_newer_version_is_handed_on() -> None:
    told = contracts.facts_heard(call_state(channel=NEWER_WORD))
    assert contracts.call_said(call(told), NOON).channel == NEWER_WORD
    assert contracts.call_said(call(facts()), NOON).channel is Channel.PHONE


def test_only_the_desks_own_closing_is_said_on_ticket_closed() -> None:
    by_dispatch = Closing(disposition=Disposition.HELPED, at=NOON, by="dispatch")
    assert contracts.closing_said(ticket(), NOON) is None
    assert contracts.closing_said(ticket(status=TicketStatus.CLOSED, closing=by_dispatch), NOON) is None
    said = contracts.closing_said(ticket(status=TicketStatus.CLOSED, closing=BY_DESK, round=3), NOON)
    assert said is not None
    assert (said.round, said.disposition, said.reason) == (3, Disposition.CANCELLED, "batal")


def test_a_closed_ticket_says_how_it_ended() -> None:
    said = contracts.ticket_said(ticket(status=TicketStatus.CLOSED, closing=BY_DESK), NOON + minutes(1))
    assert (said.status, said.closed_at, said.closed_by, said.disposition) == (
        TicketStatus.CLOSED,
        NOON,
        SITI,
        Disposition.CANCELLED,
    )
    assert said.recorded_at == NOON + minutes(1)


def test_a_ticket_that_outgrew_its_event_is_still_told() -> None:
    linked = tuple(LinkedCall(call_id=f"call-{n}", ordinal=1) for n in range(10_005))
    said = contracts.ticket_said(ticket(linked=linked), NOON)
    assert len(said.calls) == 10_000
    assert said.calls[0] == "call-0"


def test_what_dispatch_says_is_read_also_with_a_newer_word() -> None:
    said = events.TicketClosed.model_validate(
        {
            "tenant": TTU,
            "recorded_at": NOON,
            "ticket_id": "ticket-1",
            "round": 2,
            "disposition": NEWER_WORD,
            "closed_at": NOON,
            "closed_by": "dispatch",
            "reason": "selesai",
        }
    )
    assert contracts.closing_heard(said) == (
        2,
        Closing(disposition=NEWER_WORD, at=NOON, by="dispatch", reason="selesai"),
    )

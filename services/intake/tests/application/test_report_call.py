"""A report that a person types is one call that was answered and has ended, however often it is sent."""

from dataclasses import replace
from datetime import UTC, datetime

from intake.application.current_calls import CurrentCalls
from intake.application.ports import Arrival
from intake.application.report_call import TRUNK, Report, ReportCall
from intake.application.take_facts import TakeFacts
from intake.domain.facts import Caller, Fact, FactKind, Witness
from service_kit.decisions import Command
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import Channel

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HAPPENED = datetime(2026, 11, 23, 11, 58, tzinfo=UTC)
CALLER = Caller("081200001234", "Bu Sri", "Rumah terbakar")
REPORT = Report("53.03", Channel.RADIO, HAPPENED, CALLER)
COMMAND = Command(key="k-1", by="siti", at=NOON, fingerprint="words")


class Spool:
    def __init__(self) -> None:
        self.kept: list[Arrival] = []

    async def append(self, arrival: Arrival) -> None:
        self.kept.append(arrival)


def reporting() -> tuple[Spool, ReportCall]:
    spool = Spool()
    return spool, ReportCall(TakeFacts(spool, CurrentCalls(), lambda _: None))


async def test_a_report_is_kept_as_a_call_that_its_reporter_answered() -> None:
    spool, report = reporting()
    key = await report(REPORT, COMMAND)
    (arrival,) = spool.kept
    assert (key.tenant, key.trunk) == ("53.03", TRUNK)
    assert key.exchange_call_id == derived_id("53.03", "report", "k-1", "words")
    assert arrival.source == "report/53.03"
    assert [one.caller for one in arrival.told] == [CALLER, None]
    assert [one.fact for one in arrival.told] == [
        Fact(
            id=Fact.identify(key, kind, Witness.REPORT),
            call=key,
            kind=kind,
            witness=Witness.REPORT,
            occurred_at=HAPPENED,
            recorded_at=NOON,
            agent="siti",
            channel=Channel.RADIO,
        )
        for kind in (FactKind.ANSWERED, FactKind.ENDED)
    ]


async def test_the_same_command_again_is_the_same_call_and_other_words_are_another() -> None:
    _, report = reporting()
    first = await report(REPORT, COMMAND)
    assert await report(REPORT, replace(COMMAND, at=NOON.replace(hour=13))) == first
    others = (
        await report(REPORT, replace(COMMAND, fingerprint="other words")),
        await report(REPORT, replace(COMMAND, key="k-2")),
        await report(replace(REPORT, tenant="53.04"), COMMAND),
    )
    assert len({first, *others}) == 4


async def test_a_key_may_hold_the_separator_of_ids() -> None:
    _, report = reporting()
    odd = await report(REPORT, replace(COMMAND, key="a\x1fb"))
    assert odd.exchange_call_id == derived_id("53.03", "report", "a\\x1fb", "words")


async def test_a_call_whose_end_waits_in_the_spool_has_ended() -> None:
    current = CurrentCalls()
    spool = Spool()
    key = await ReportCall(TakeFacts(spool, current, lambda _: None))(REPORT, COMMAND)
    assert current.has_ended("53.03", key.call_id)
    assert not current.has_ended("53.04", key.call_id)
    assert not current.has_ended("53.03", "another")

"""From the arrival of its first fact on, everything about a call is in one trace."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from intake.application.current_calls import CurrentCalls
from intake.application.ports import Arrival, SealedCaller
from intake.application.settle_call import SettleCall
from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told
from intake.gateways.spool import SqliteSpool
from intake.handlers.settling import Settling
from service_kit import telemetry
from service_kit.telemetry import trace_id_of, traceparent
from service_kit.vault import Quarantine

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Calls:
    """The calls' home: it notes in which trace each call is saved."""

    def __init__(self) -> None:
        self.saved_in: list[tuple[str, str]] = []

    async def take(self, key: CallKey, _: Sequence[Fact]) -> None:
        self.saved_in.append((key.call_id, trace_id_of(traceparent())))


class Callers:
    async def seal(self, _: CallKey, __: Caller) -> SealedCaller:
        return SealedCaller(None)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    telemetry._tracer.cache_clear()
    yield exporter
    monkeypatch.undo()
    telemetry._tracer.cache_clear()


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[SqliteSpool]:
    opened = SqliteSpool(tmp_path / "spool.db", Quarantine(b"o" * 32), lambda: NOON)
    await opened.start()
    yield opened
    await opened.close()


def arrival(*facts: Fact) -> Arrival:
    return Arrival(source="test", told=[Told(fact) for fact in facts])


def in_another_call(fact: Fact) -> Fact:
    return replace(fact, id=f"other {fact.id}", call=replace(fact.call, exchange_call_id="other"))


def traces_of(spans: InMemorySpanExporter) -> set[tuple[str, str]]:
    """Return every span's name with the trace it is in."""
    return {(one.name, f"{one.context.trace_id:032x}") for one in spans.get_finished_spans()}


async def test_arrival_and_save_of_a_call_are_in_the_trace_that_its_id_names(
    spool: SqliteSpool, spans: InMemorySpanExporter, say: Say
) -> None:
    calls = Calls()
    first, other = say(FactKind.RINGING), in_another_call(say(FactKind.QUEUED))
    await spool.append(arrival(first, other))
    later = say(FactKind.QUEUED, 3)
    await spool.append(arrival(later))
    settling = Settling(spool, SettleCall(calls, Callers(), CurrentCalls()), lambda: NOON)
    await settling.settle_some()

    one, two = (fact.call.call_id.replace("-", "") for fact in (first, other))
    assert traces_of(spans) == {
        (f"{first.witness} ringing", one),
        (f"{later.witness} queued", one),
        ("call settle", one),
        (f"{other.witness} queued", two),
        ("call settle", two),
    }
    assert sorted(calls.saved_in) == sorted([(first.call.call_id, one), (other.call.call_id, two)])


async def test_an_arrivals_span_lasts_until_it_is_kept(
    spool: SqliteSpool, spans: InMemorySpanExporter, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, bool]] = []
    write = spool._writer.run

    async def watched(work: Callable[..., object]) -> object:
        seen.append((len(spans.get_finished_spans()), bool(traceparent())))
        return await write(work)

    monkeypatch.setattr(spool._writer, "run", watched)
    await spool.append(arrival(say(FactKind.RINGING)))
    assert seen == [(0, True)]
    assert len(spans.get_finished_spans()) == 1

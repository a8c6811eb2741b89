"""A story that a newer event takes over is not cut off: its trace says in which one it goes on."""

from dataclasses import replace
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from libs.service_kit.tests.test_listener import KNOWN, Letters, configured, hearing, record, take
from service_kit.event import Event
from service_kit.tenancy import Tenants

FIRST, SECOND = f"00-{1:032x}-{1:016x}-01", f"00-{2:032x}-{2:016x}-01"


def in_trace(told: ConsumerRecord, traceparent: str) -> ConsumerRecord:
    return cast(
        "ConsumerRecord", replace(told, headers=(*told.headers, ("ce_traceparent", traceparent.encode())))
    )


async def _nothing(_: Event[Any]) -> None:
    """Handled."""


@pytest.mark.parametrize(("newer", "goes_on_in"), [(SECOND, [f"{2:032x}"]), (FIRST, [])])
async def test_a_superseded_event_leads_to_the_trace_of_the_one_that_was_handled(
    spans: InMemorySpanExporter, newer: str, goes_on_in: list[str]
) -> None:
    known = Tenants()
    await known.take(configured(KNOWN))
    batch = [in_trace(record(1, sequence=1), FIRST), in_trace(record(2, sequence=2), newer)]
    with capture_logs() as lines:
        assert await take(hearing(_nothing, known, Letters()), *batch) == [1, 2]
    passed = [one for one in spans.get_finished_spans() if one.name == "agency.replied superseded"]
    assert [format(link.context.trace_id, "032x") for one in passed for link in one.links] == goes_on_in
    assert [one.context.trace_id for one in passed if one.context] == [1] * len(goes_on_in)
    said = [line["goes_on_in_trace"] for line in lines if line["event"] == "event.superseded"]
    assert said == goes_on_in

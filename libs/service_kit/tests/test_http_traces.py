"""What a request leaves in the traces: the doorway's template, never what stood in its path; and whose trace."""

from pathlib import Path

import httpx
import pytest
from fastapi import Request
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service_kit.clock import utc_now
from service_kit.http import Gate, carried_on, make_app
from service_kit.identity import KeySet, Verifier
from service_kit.store import Kept
from service_kit.telemetry import trace_id_of

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KEPT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def _nothing() -> dict[str, object]:
    return {}


async def _ready() -> list[str]:
    return []


@pytest.mark.parametrize("parent", [{}, {"traceparent": TRACEPARENT}])
async def test_a_links_token_and_a_question_are_in_no_span(
    parent: dict[str, str], spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), utc_now)
    app = make_app("test", version="0", gate=gate, report=_nothing, ready=_ready)

    @app.get("/r/{token}")
    async def look(token: str) -> int:
        return len(token)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/r/geheim-token?caller=geheim", headers=parent)
    assert answer.status_code == 200
    written = [span.to_json() for span in spans.get_finished_spans()]
    assert "geheim" not in "".join(written)
    assert [span.name for span in spans.get_finished_spans()] == (["GET /r/{token}"] if parent else [])


@pytest.mark.parametrize(("brought", "trace"), [({}, KEPT), ({"traceparent": TRACEPARENT}, TRACEPARENT)])
async def test_a_command_goes_on_in_the_trace_of_what_it_changes_unless_its_sender_brings_one(
    brought: dict[str, str], trace: str, spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), utc_now)
    app = make_app("test", version="0", gate=gate, report=_nothing, ready=_ready)
    kept = Kept("t-1", "53.03", 7, None, {"traceparent": KEPT})

    @app.post("/close")
    async def close(request: Request) -> None:
        with carried_on(request, "close ticket", kept):
            pass

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post("/close", headers=brought)
    (ran,) = (span for span in spans.get_finished_spans() if span.name == "close ticket")
    assert ran.context is not None
    assert f"{ran.context.trace_id:032x}" == trace_id_of(trace)
    assert dict(ran.attributes or {}) == {"siaga.tenant": "53.03", "siaga.id": "t-1"}

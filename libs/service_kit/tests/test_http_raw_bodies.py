"""A doorway may read its bodies itself; all others get strict JSON of a bounded size."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from service_kit.clock import utc_now
from service_kit.http import Gate, make_app, take_raw_bodies
from service_kit.identity import KeySet, Verifier


async def _nothing() -> dict[str, object]:
    return {}


async def _ready() -> list[str]:
    return []


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), utc_now)
    app = make_app("test", version="0", gate=gate, report=_nothing, ready=_ready)
    take_raw_bodies(app, re.compile(r"/raw/[^/]+"))

    @app.post("/raw/{name}")
    @app.post("/raw/{name}/more")
    async def size(request: Request) -> int:
        return len(await request.body())

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


JSON = {"content-type": "application/json"}


async def test_a_raw_doorway_sees_what_came_whatever_it_is(client: httpx.AsyncClient) -> None:
    for body in (b"NaN", b"[" * 100, b"z" * 300_000):
        answer = await client.post("/raw/a", content=body, headers=JSON)
        assert (answer.status_code, answer.json()) == (200, len(body))


async def test_only_the_named_path_is_raw(client: httpx.AsyncClient) -> None:
    refused = [
        (await client.post("/raw/a/more", content=body, headers=JSON)).status_code
        for body in (b"NaN", b"[" * 100, b"z" * 300_000)
    ]
    assert refused == [400, 400, 413]

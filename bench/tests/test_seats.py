"""So many takers there are as the desk has seats; who calls while all are busy waits for one."""

import asyncio
from pathlib import Path

import httpx
import pytest

from bench import takers
from bench.arrivals import Call
from bench.people import Tokens
from bench.takers import Takers
from bench.timing import Clock
from service_kit.secrets import Secrets


async def test_a_call_waits_for_a_free_taker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    looked, let_go = asyncio.Event(), asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rsplit("/", 1)[-1])
        looked.set()
        if request.method == "GET":
            await let_go.wait()
        return httpx.Response(200, json={"stage": "answered"})

    monkeypatch.setattr(takers, "SEATS", 1)
    monkeypatch.setattr(
        takers,
        "client_of",
        lambda _: httpx.AsyncClient(base_url="http://here", transport=httpx.MockTransport(answer)),
    )
    desk = Takers("http://here", Tokens(Secrets(tmp_path)), Clock(starts_in=-10))
    work = [asyncio.create_task(desk.take(Call(n, 0, 0.0, None), f"c{n}", "53.03")) for n in range(2)]
    async with asyncio.timeout(5):
        await looked.wait()
    assert asked == ["c0"]
    let_go.set()
    await asyncio.gather(*work)
    assert asked == ["c0", "classification", "c1", "classification"]
    assert [one.call_id for one in desk.classified] == ["c0", "c1"]
    await desk.close()

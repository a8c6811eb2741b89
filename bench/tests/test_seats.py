"""So many takers there are as the desk has seats; who calls while all are busy waits for one."""

import asyncio
from itertools import pairwise
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


class Noted(Clock):
    """A clock that notes what it was asked to wait for."""

    def __init__(self, *, starts_in: float) -> None:
        super().__init__(starts_in=starts_in)
        self.moments: list[float] = []

    async def until(self, moment: float) -> None:
        self.moments.append(moment)
        await super().until(moment)


async def test_many_who_wait_for_a_desk_that_is_behind_look_again_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, again, a_second = 40, 20, 50.0
    looks: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        looks.append(request.url.path)
        behind = request.method == "GET" and len(looks) <= waiting + again
        return httpx.Response(404) if behind else httpx.Response(200, json={"stage": "answered"})

    monkeypatch.setattr(takers, "LOOKS_A_SECOND", a_second)
    monkeypatch.setattr(
        takers,
        "client_of",
        lambda _: httpx.AsyncClient(base_url="http://here", transport=httpx.MockTransport(answer)),
    )
    clock = Noted(starts_in=-10)
    desk = Takers("http://here", Tokens(Secrets(tmp_path)), clock)
    work = [asyncio.create_task(desk.take(Call(n, 0, 0.0, None), f"c{n}", "53.03")) for n in range(waiting)]
    async with asyncio.timeout(10):
        await asyncio.gather(*work)
    turns = [moment for moment in clock.moments if moment > takers.TAKES_AFTER]
    assert len(turns) >= waiting + again
    assert all(after - before > 0.99 / a_second for before, after in pairwise(turns))
    assert len(desk.classified) == waiting
    await desk.close()

"""Who insists asks again while a service is away, and takes any other answer."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from bench import insisting
from bench.insisting import insist


def answers(*said: int | None) -> Callable[[], Awaitable[httpx.Response]]:
    """Return a service that answers so, one after the other; None is no answer."""
    left = list(said)

    async def ask() -> httpx.Response:
        status = left.pop(0)
        if status is None:
            raise httpx.ConnectError("away")
        return httpx.Response(status)

    return ask


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insisting, "AGAIN_AFTER", 0)


async def test_it_asks_until_the_service_is_back() -> None:
    told: list[int] = []
    asked = await insist(answers(None, 503, None, 202), seconds=60, on_away=told.append)
    assert (asked.status_code, told) == (202, [0, 503, 0])


async def test_a_no_is_an_answer() -> None:
    assert (await insist(answers(409, 202), seconds=60)).status_code == 409


async def test_without_patience_it_asks_once() -> None:
    assert (await insist(answers(503, 202), seconds=0)).status_code == 503
    with pytest.raises(httpx.ConnectError):
        await insist(answers(None, 202), seconds=0)

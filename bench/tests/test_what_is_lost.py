"""What the load counts as lost: replies that nobody answered, and calls whose end was taken and is not there."""

import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from bench import agencies
from bench.agencies import Agencies
from bench.people import Tokens
from bench.takers import Takers
from bench.timing import Clock
from service_kit.secrets import Secrets

OFFER = {
    "kind": "task_offered",
    "tenant": "53.03",
    "agency": "damkar",
    "delivery_id": "d",
    "ticket_id": "t",
    "task_id": "k",
}


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(Secrets(tmp_path))


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://here")


def broken(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("cut")


async def asked(one: Agencies) -> None:
    async def receive() -> dict[str, object]:
        return {"body": json.dumps(OFFER).encode()}

    async def send(_: object) -> None:
        """Take the answer."""

    await one({"type": "http", "path": "/", "headers": []}, receive, send)
    await one.close()


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        (lambda _: httpx.Response(200), (0, 0, 2)),
        (lambda _: httpx.Response(409), (2, 0, 0)),
        (broken, (0, 2, 0)),
    ],
)
async def test_a_reply_that_was_refused_or_never_answered_is_counted(
    tokens: Tokens,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[httpx.Request], httpx.Response],
    lost: tuple[int, int, int],
) -> None:
    monkeypatch.setattr(agencies, "REPLIES", (("accepted", 0.0), ("done", 0.0)))
    monkeypatch.setattr(agencies, "client_of", lambda _: answering(answer))
    one = Agencies("http://here", tokens)
    await asked(one)
    assert (one.refused_replies, one.unanswered_replies, len(one.replied)) == lost
    assert one.lost_replies == sum(lost[:2])


@pytest.mark.parametrize(
    ("answer", "sees"),
    [
        (lambda _: httpx.Response(200, json={"stage": "ended"}), True),
        (lambda _: httpx.Response(200, json={"stage": "answered"}), False),
        (lambda _: httpx.Response(HTTPStatus.NOT_FOUND), False),
        (broken, False),
    ],
)
async def test_only_a_call_that_the_desk_shows_as_ended_is_not_forgotten(
    tokens: Tokens,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[httpx.Request], httpx.Response],
    sees: bool,
) -> None:
    monkeypatch.setattr("bench.takers.client_of", lambda _: answering(answer))
    takers = Takers("http://here", tokens, Clock(starts_in=0))
    assert await takers.sees_end("c", "53.03") is sees
    await takers.close()

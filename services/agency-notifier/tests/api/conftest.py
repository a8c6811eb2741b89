"""The notifier's doors on fakes, reached without a network."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, cast

import httpx
import pytest
from httpx import ASGITransport

from agency_notifier.api import deliveries, pages, replies
from agency_notifier.application.reply_task import OpenLink, ReplyTask
from service_kit.http import Gate, make_app
from service_kit.identity import Kind, Principal, Role, TokenRefused, Verifier

if TYPE_CHECKING:
    from conftest import World

PEOPLE = {
    "supervisor": Principal("s", "S", Kind.PERSON, frozenset({"53.03"}), frozenset({Role.SUPERVISOR})),
    "belu": Principal("b", "B", Kind.PERSON, frozenset({"53.04"}), frozenset({Role.SUPERVISOR})),
    "damkar": Principal(
        "damkar-robot", "D", Kind.AGENCY, frozenset({"53.03"}), frozenset({Role.AGENCY}), "damkar"
    ),
    "bpbd": Principal("bpbd-robot", "P", Kind.AGENCY, frozenset({"53.03"}), frozenset({Role.AGENCY}), "bpbd"),
    "belu-damkar": Principal(
        "belu-robot", "D", Kind.AGENCY, frozenset({"53.04"}), frozenset({Role.AGENCY}), "damkar"
    ),
}


class FakeVerifier:
    """Knows people by a token that is their name."""

    def verify(self, token: str, _: datetime) -> Principal:
        if token not in PEOPLE:
            raise TokenRefused("malformed")
        return PEOPLE[token]


@pytest.fixture
async def client(world: "World") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the notifier's doors."""

    async def report() -> dict[str, object]:
        return {}

    async def ready() -> list[str]:
        return []

    gate = Gate(cast("Verifier", FakeVerifier()), world.clock)
    app = make_app("agency-notifier", version="0", gate=gate, report=report, ready=ready)
    reply = ReplyTask(world.deliveries, world.responses, world.replies, world.book)
    open_link = OpenLink(world.links, world.deliveries, world.responses, world.book)
    app.include_router(deliveries.router(world.deliveries))
    app.include_router(replies.router(reply))
    app.include_router(pages.router(open_link, reply, world.clock))
    async with httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://notifier") as one:
        yield one

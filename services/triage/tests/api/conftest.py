"""The desk's doors on fakes, and a call taker in front of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from service_kit.http import Gate, make_app
from service_kit.identity import KeySet, Signer, Verifier
from service_kit.secrets import Secrets
from services.triage.tests.api.doorway import Person, Town
from services.triage.tests.fakes import NOON, Desk
from triage.api import calls, tickets
from triage.api.calls import CallDesk
from triage.api.tickets import TicketDesk


async def _nothing_to_report() -> dict[str, object]:
    return {}


async def _nothing_to_wait_for() -> list[str]:
    return []


@pytest.fixture
async def town(desk: Desk, tmp_path: Path) -> AsyncIterator[Town]:
    signer = Signer(Secrets(tmp_path), issuer="siaga112", audience="siaga112")
    signer.publish(tmp_path / "keys.json")
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), lambda: desk.now)
    app = make_app("triage", version="0", gate=gate, report=_nothing_to_report, ready=_nothing_to_wait_for)
    app.include_router(
        calls.router(CallDesk(desk.calls, desk.vault, desk.classify, desk.join, desk.separate))
    )
    app.include_router(
        tickets.router(
            TicketDesk(
                desk.tickets,
                desk.calls,
                desk.vault,
                desk.open,
                desk.change,
                desk.escalate,
                desk.reopen,
                desk.close,
            )
        )
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://triage") as client:
        assert desk.now == NOON
        yield Town(client, signer)


@pytest.fixture
def siti(town: Town) -> Person:
    """A call taker of TTU."""
    return town.somebody()

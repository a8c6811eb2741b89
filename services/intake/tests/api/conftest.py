"""Intake's doors before a real spool, a fake store and a fake vault."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import httpx
import pytest

from intake.api import calls, events
from intake.api.calls import CallDoor
from intake.api.events import ExchangeDoor
from intake.application.ports import TrunkDirectory
from intake.application.report_call import ReportCall
from service_kit.http import Gate, make_app, take_raw_bodies
from service_kit.identity import KeySet, Signer, Verifier
from service_kit.secrets import Secrets
from service_kit.vault import Quarantine, Vault
from services.intake.tests.api.centre import TRUNK, TTU, BreakableSpool, Centre, FakeTrunks, Time


async def _nothing_to_report() -> dict[str, object]:
    return {}


async def _nothing_to_wait_for() -> list[str]:
    return []


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    time, secrets = Time(), Secrets(tmp_path / "secrets")
    secrets.ensure(f"trunks/{TTU}/{TRUNK}")
    spool = BreakableSpool(tmp_path / "spool.sqlite", Quarantine(b"o" * 32), time)
    await spool.start()
    made = Centre(spool, secrets, time)
    signer = Signer(secrets, issuer="siaga112", audience="siaga112")
    signer.publish(tmp_path / "keys.json")
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), time)
    app = make_app("intake", version="0", gate=gate, report=_nothing_to_report, ready=_nothing_to_wait_for)
    take_raw_bodies(app, events.PATH)
    trunks = cast("TrunkDirectory", FakeTrunks())
    app.include_router(
        events.router(ExchangeDoor(made.take, trunks, secrets.read_all, time, made.skews.hear))
    )
    vault = cast("Vault", made.vault)
    app.include_router(calls.router(CallDoor(ReportCall(made.take), made.calls, made.current, vault, time)))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
        yield made.opens(client, signer)
    await spool.close()

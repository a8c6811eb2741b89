"""Builds intake and runs it."""

from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from intake.api import calls as call_doors
from intake.api import events as event_doors
from intake.api.calls import CallDoor
from intake.api.events import ExchangeDoor
from intake.application.current_calls import CurrentCalls
from intake.application.ports import SpoolUnwritable
from intake.application.report_call import ReportCall
from intake.application.settle_call import SettleCall
from intake.application.take_facts import TakeFacts
from intake.config import IntakeSettings
from intake.gateways.queue_log_file import Followed, QueueLogFollower
from intake.gateways.spool import SqliteSpool
from intake.gateways.trunks import ConfiguredTrunks
from intake.handlers.settling import Settling
from intake.storage.callers import MongoCallers
from intake.storage.calls import MongoCalls
from intake.storage.calls import calls as kept_calls
from service_kit.http import take_raw_bodies
from service_kit.service import Service, main
from service_kit.transient import Away

Counted = TypeVar("Counted")

MOST_REMEMBERED = 5_000


async def assemble(service: Service, settings: IntakeSettings) -> None:
    """Put intake together: the spool first, then what fills it and what empties it."""
    service.needs_bus_to_serve = False
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    spool = SqliteSpool(
        settings.spool, service.quarantine, service.clock, most_bytes=settings.spool_most_bytes
    )
    await spool.start()
    service.on_close(spool.close)
    service.background("spool", spool.watch_for_ever)
    service.needs("spool", lambda: spool.trouble)
    store = service.store(kept_calls(settings.silence))
    calls = MongoCalls(store, settings.silence, service.clock)
    service.on_due(store, calls.lose_sight)
    current = CurrentCalls(silence=settings.silence)
    callers = MongoCallers(service.database, service.vault, service.quarantine)
    settling = Settling(spool, SettleCall(calls, callers, current), service.clock)
    for waiting in await spool.next_batch(MOST_REMEMBERED, service.clock()):
        current.hear(waiting.told)
    take = TakeFacts(spool, current, settling.tell)
    service.background("settling", settling.run)
    _follow(service, settings, spool, take)
    _open_doors(service, take, CallDoor(ReportCall(take), calls, current, service.vault, service.clock))
    service.count("spool", partial(_waiting, spool))
    service.count("spool_in_trouble", partial(_in_trouble, spool))
    service.count("heard", partial(_counts, spool))


def _follow(service: Service, settings: IntakeSettings, spool: SqliteSpool, take: TakeFacts) -> None:
    """Follow every queue log that the settings name, as soon as its tenants are known."""
    trunks = ConfiguredTrunks(service.tenants)
    for exchange, path in settings.followed.items():
        follower = QueueLogFollower(
            Followed(exchange, path, settings.queue_log_poll_seconds),
            trunks=trunks,
            take=take,
            load_place=spool.place,
            clock=service.clock,
            patience=timedelta(seconds=settings.unknown_queue_seconds),
        )
        service.background(f"queue log {exchange}", partial(_when_tenants_are_known, service, follower))
    service.count("unnamed_exchanges", partial(_unnamed, trunks, tuple(settings.followed)))


async def _when_tenants_are_known(service: Service, follower: QueueLogFollower) -> None:
    """Follow as soon as the tenants were read whole, or at once with those of the last run."""
    if not service.tenants.all():
        await service.tenants.read_whole.wait()
    await follower.run()


def _open_doors(service: Service, take: TakeFacts, door: CallDoor) -> None:
    exchange_door = ExchangeDoor(
        take, ConfiguredTrunks(service.tenants), service.secrets.read_all, service.clock, service.skews.hear
    )
    take_raw_bodies(service.app, event_doors.PATH)
    service.app.include_router(event_doors.router(exchange_door))
    service.app.include_router(call_doors.router(door))


async def _waiting(spool: SqliteSpool) -> dict[str, int]:
    """Tell how many facts wait in the spool, by tenant."""
    return {one.tenant: one.facts for one in await _or_away(spool.waiting())}


async def _in_trouble(spool: SqliteSpool) -> int:
    """Tell whether the last write was not kept; `/readyz` says why."""
    return int(bool(spool.trouble))


async def _unnamed(trunks: ConfiguredTrunks, followed: tuple[str, ...]) -> dict[str, int]:
    """Tell which queue logs lie unread, because no tenant names their exchange."""
    return {one: int(not trunks.exchange(one).is_named) for one in followed}


async def _or_away(counted: Awaitable[Counted]) -> Counted:
    """Count what lies in the spool; a number that a broken disk hides cannot be told now."""
    try:
        return await counted
    except SpoolUnwritable as error:
        raise Away("the spool") from error


async def _counts(spool: SqliteSpool) -> dict[str, dict[str, int]]:
    """Tell what was refused and what was only counted, by source."""
    told: dict[str, dict[str, int]] = {}
    for one in await _or_away(spool.counts()):
        told.setdefault(one.source, {})[one.what] = one.count
    return told


def run() -> None:
    """Run intake as a process."""
    main("intake", IntakeSettings, assemble)


if __name__ == "__main__":
    run()

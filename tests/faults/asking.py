"""Asks the services what they know when all is over, and waits for that moment."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.system import System
from tests.faults.history import Death, Figure, Json, States

LOOK_EVERY = 1.0
STUCK_AFTER = 120.0
"""Seconds in which nothing more came to its end: what waits then waits for ever."""
DIED = re.compile(r"^(?P<program>\S+) died \(exit (?P<exit>-?\d+|None)[,)]", re.MULTILINE)


def settle(system: System, tenants: Sequence[str]) -> tuple[str, ...]:
    """Wait until nothing is under way; return in sentences what was still when no more of it came to its end."""
    until, calm, fewest = time.monotonic() + STUCK_AFTER, 0, sys.maxsize
    unfinished: tuple[str, ...] = ()
    while time.monotonic() < until:
        unfinished = tuple(_unfinished(system, tenants))
        calm = 0 if unfinished else calm + 1
        if calm > 1:
            return ()
        if len(unfinished) < fewest:
            until, fewest = time.monotonic() + STUCK_AFTER, len(unfinished)
        time.sleep(LOOK_EVERY)
    return unfinished or ("all was at rest for a moment only",)


def _unfinished(system: System, tenants: Sequence[str]) -> Iterator[str]:
    try:
        for service, address in system.addresses.items():
            yield from _waits(service, system.door.get(f"{address}/status").raise_for_status().json())
        for tenant in tenants:
            yield from _open(system, tenant)
    except httpx.HTTPError as error:
        yield f"{type(error).__name__} at a service's door"


def _waits(service: str, report: dict[str, Any]) -> Iterator[str]:
    if not report["ready"]:
        yield f"{service} is not ready"
    for name in ("lag", "outbox"):
        if report[name] is None:
            yield f"{service} cannot tell its {name}"
        elif waiting := {what: count for what, count in report[name].items() if count}:
            yield f"{service}: {name} {waiting}"


def _open(system: System, tenant: str) -> Iterator[str]:
    for ticket in system.all("triage", f"/v1/tenants/{tenant}/tickets", status="all"):
        if ticket["escalations"] and ticket["status"] != "closed":
            yield f"ticket {ticket['ticket_id']} is {ticket['status']}"
    for delivery in system.all("agency-notifier", f"/v1/tenants/{tenant}/deliveries", status="waiting"):
        yield f"delivery {delivery['delivery_id']} waits"


def ask_all(system: System, tenants: Sequence[str], unfinished: tuple[str, ...]) -> States:
    """Ask for everything that the services keep of these tenants."""

    def everything(service: str, path: str, **query: str) -> tuple[Json, ...]:
        return tuple(
            {**one, "tenant": tenant}
            for tenant in tenants
            for one in system.all(service, f"/v1/tenants/{tenant}/{path}", **query)
        )

    recaps = [recap for tenant in tenants for recap in _recaps(system, tenant)]
    return States(
        calls=everything("intake", "calls", view="all"),
        desk_calls=everything("triage", "calls", view="all"),
        tickets=everything("triage", "tickets", status="all"),
        responses=everything("dispatch", "responses", status="all"),
        deliveries=everything("agency-notifier", "deliveries"),
        figures={
            tenant: _figures([recap for recap in recaps if recap["tenant"] == tenant]) for tenant in tenants
        },
        wrong_sums=tuple(sentence for recap in recaps for sentence in _wrong_sums(recap)),
        unfinished=unfinished,
    )


def _recaps(system: System, tenant: str) -> list[Json]:
    months = system.get("statistics", f"/v1/tenants/{tenant}/recaps")["items"]
    return [system.get("statistics", f"/v1/tenants/{tenant}/recaps/{month}") for month in months]


def _figures(recaps: Sequence[Json]) -> dict[tuple[str, str, str], Figure]:
    """Return every figure that is shown: numbers, shares with both their sides, percentiles with their sample."""
    return {
        (recap["month"], one["indicator"], one["of"]): Figure(*(one[side] for side in Figure._fields))
        for recap in recaps
        for one in recap["figures"]
    }


def _wrong_sums(recap: Json) -> Iterator[str]:
    for one in recap["checks"]:
        if not one["holds"]:
            yield (
                f"{recap['tenant']} {recap['month']}: {one['left']} is {one['left_value']}, "
                f"{one['right']} {one['right_value']}"
            )


def deaths(run_log: str) -> tuple[Death, ...]:
    """Read out of what `siaga run` said which programs ended, and how."""
    return tuple(Death(found["program"], found["exit"]) for found in DIED.finditer(run_log))


def siaga_status(home: Path) -> tuple[int, str]:
    """Return the exit code of `siaga status` and what it tells a person, in English."""
    siaga = str(Path(sys.executable).with_name("siaga"))
    environment = {**os.environ, "SIAGA_HOME": str(home), "SIAGA_LANG": "en", "COLUMNS": "400"}
    done = subprocess.run(
        [siaga, "status"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout

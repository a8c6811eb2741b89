"""When a replay and everything that followed from it are done (`--until-replayed`)."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from siaga_cli.board.projection import Projection

LOOK_EVERY = 1.0
CALM_LOOKS = 3
"""So many looks in a row must find nothing left to do: one may fall between two steps."""


def is_idle(report: Mapping[str, Any]) -> bool:
    """Whether a service's `/status` says that it has nothing left: no lag, spool or outbox; unknown is no."""
    counted = (report.get("lag"), report.get("outbox"), report.get("spool", 0))
    return all(map(_is_nothing, counted))


def is_written(replay_state: Path) -> bool:
    """Whether the replay's last line is in the file."""
    try:
        return bool(json.loads(replay_state.read_text(encoding="utf-8"))["finished"])
    except (OSError, ValueError, KeyError):
        return False


async def wait_until_done(known: Projection, replay_state: Path, addresses: Mapping[str, str]) -> None:
    """Return when the replay is written and no call, ticket, task or delivery is left to work on."""
    calm = 0
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        while calm < CALM_LOOKS:
            done = is_written(replay_state) and known.is_at_rest
            calm = calm + 1 if done and await _all_idle(client, addresses) else 0
            await asyncio.sleep(LOOK_EVERY)


async def _all_idle(client: httpx.AsyncClient, addresses: Mapping[str, str]) -> bool:
    try:
        reports = [(await client.get(f"{one}/status")).json() for one in addresses.values()]
    except (httpx.HTTPError, ValueError):
        return False
    return all(map(is_idle, reports))


def _is_nothing(counted: object) -> bool:
    """Whether a number, or several by name, are all known and zero."""
    if isinstance(counted, Mapping):
        return all(map(_is_nothing, counted.values()))
    return isinstance(counted, int) and counted == 0

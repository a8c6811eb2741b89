"""C as it was last measured on this machine: bench/out/capacity.json, and one file for each store."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Capacity:
    """C: the highest rate of calls that was held, on what, and for how long.

    Attributes:
        seconds: the longest time for which it was held in one piece.
        ticket_every: of so many calls one became a ticket that was escalated.
        ramp_only: it comes from short steps alone and nothing longer was tried.
        too_much: the lowest rate that was not held, and the limit that it broke.
    """

    calls_per_second: float
    store: str
    machine: str
    commit: str
    date: str
    seconds: float
    ticket_every: int
    ramp_only: bool
    too_much: str = ""


def write_capacity(out: Path, found: Capacity) -> Path:
    """Keep a found C as the newest of all and as the newest of its store; returns the file."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(found), indent=1) + "\n"
    _of_store(out, found.store).write_text(text, encoding="utf-8")
    newest = out / "capacity.json"
    newest.write_text(text, encoding="utf-8")
    return newest


def known_capacity(out: Path, store: str | None = None) -> Capacity | None:
    """Return C as it was last measured (on this store, where one is named); None where it never was."""
    return _read(out / "capacity.json" if store is None else _of_store(out, store))


def known_capacities(out: Path) -> list[Capacity]:
    """Return C as it was last measured on each store."""
    return [found for file in sorted(out.glob("capacity-*.json")) if (found := _read(file))]


def _read(file: Path) -> Capacity | None:
    try:
        return Capacity(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _of_store(out: Path, store: str) -> Path:
    return out / f"capacity-{store}.json"

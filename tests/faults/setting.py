"""What one run is made of: its seed, how fast calls come, and how long its parts are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.capacity_file import known_capacity
from siaga_embedded.store import Engine

EMBEDDED = (Engine.SECANTUS_PYTHON.value, Engine.SECANTUS_RUST.value)
TICKET_EVERY = 2
CAREFUL_CAPACITY = 4.0
"""Calls a second that every machine that was tried so far holds."""


EACH_STORE = "both"
"""What STORE says where every embedded store is to be tried."""


class SettingUnreadable(ValueError):
    """A word of the environment is no such setting; the text says which."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One run; seconds and calls a second.

    Attributes:
        store: the embedded store that keeps the state, as `siaga status` names it.
        quiet: how long nothing is done to the system at first, so that it is known what is usual.
        length: how long the storm lasts.
        calm: how long calls come afterwards, so that it is seen when all is normal again.
        ticket_every: of so many calls one becomes a ticket that is escalated.
    """

    seed: int
    calls_per_second: float = 2.0
    quiet: float = 15.0
    length: float = 120.0
    calm: float = 30.0
    ticket_every: int = TICKET_EVERY
    store: str = Engine.SECANTUS_PYTHON.value

    @property
    def storm_ends(self) -> float:
        """The second in which the last fault is over."""
        return self.quiet + self.length

    @property
    def calls(self) -> int:
        """How many calls come in all."""
        return max(1, round((self.storm_ends + self.calm) * self.calls_per_second))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; None where a promise has its own.

    Attributes:
        capacity: C, the highest rate of calls a second that this machine holds; loads are parts of it.
    """

    capacity: float
    seed: int | None = None
    calls_per_second: float | None = None
    length: float | None = None


def wanted_of(environ: Mapping[str, str], capacity: float) -> Wanted:
    """Read SEED, RATE, LENGTH and C; `capacity` is what was measured.

    Raises:
        SettingUnreadable: one of them is no number, or not above 0.
    """
    seed = _number(environ, "SEED", int)
    return Wanted(
        _positive(environ, "C") or capacity,
        None if seed is None else int(seed),
        _positive(environ, "RATE"),
        _positive(environ, "LENGTH"),
    )


def capacity_of(out: Path, store: str) -> float:
    """Return the C that was measured on this machine with this store, or a careful one where nobody measured."""
    known = known_capacity(out, store)
    return CAREFUL_CAPACITY if known is None else known.calls_per_second


def stores_of(environ: Mapping[str, str], present: Sequence[str]) -> tuple[str, ...]:
    """Return the embedded stores that STORE names; without a word the best that is present.

    Raises:
        SettingUnreadable: no such store is present.
    """
    wanted = environ.get("STORE", "")
    if wanted == EACH_STORE:
        return EMBEDDED
    if wanted in present:
        return (wanted,)
    if wanted or not present:
        raise SettingUnreadable(
            f"STORE={wanted}: present are {', '.join(present) or 'none'}, or {EACH_STORE}"
        )
    return (present[0],)


def _positive(environ: Mapping[str, str], name: str) -> float | None:
    found = _number(environ, name, float)
    if found is not None and found <= 0:
        raise SettingUnreadable(f"{name}={environ[name]} is not above 0")
    return found


def _number(environ: Mapping[str, str], name: str, kind: type[int] | type[float]) -> float | None:
    written = environ.get(name)
    try:
        return kind(written) if written else None
    except ValueError as error:
        raise SettingUnreadable(f"{name}={written} is no number") from error

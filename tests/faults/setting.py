"""What one run is made of: its seed, how fast calls come, and how long its parts are."""

from collections.abc import Mapping
from dataclasses import dataclass

TICKET_EVERY = 2


class SettingUnreadable(ValueError):
    """A word of the environment is no such setting; the text says which."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One run; seconds and calls a second.

    Attributes:
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

    @property
    def storm_ends(self) -> float:
        """The second in which the last fault is over."""
        return self.quiet + self.length

    @property
    def calls(self) -> int:
        """How many calls come in all."""
        return max(1, round((self.storm_ends + self.calm) * self.calls_per_second))


def setting_of(environ: Mapping[str, str], fresh_seed: int) -> Setting:
    """Read SEED, RATE and LENGTH; without SEED another storm comes each time.

    Raises:
        SettingUnreadable: one of them is no number, or not above 0.
    """
    seed = _number(environ, "SEED", fresh_seed, int)
    rate = _number(environ, "RATE", 2.0, float)
    length = _number(environ, "LENGTH", 120.0, float)
    if rate <= 0 or length <= 0:
        raise SettingUnreadable("RATE and LENGTH are above 0")
    return Setting(seed=int(seed), calls_per_second=rate, length=length)


def _number(environ: Mapping[str, str], name: str, otherwise: float, kind: type[int] | type[float]) -> float:
    written = environ.get(name) or str(otherwise)
    try:
        return kind(written)
    except ValueError as error:
        raise SettingUnreadable(f"{name}={written} is no number") from error

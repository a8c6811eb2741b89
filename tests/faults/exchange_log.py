"""An exchange's queue log that grows during a run: each line is a fact that intake's follower may not lose."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shared_schemas.identifiers import derived_id
from tests.faults.history import Told

EXCHANGE, TENANT, TRUNK, QUEUE = "pbx-ntt", "53.03", "pbx-ttu", "ttu112"
"""As the checkout's tenants name them."""
STEPS = ("queued", "answered", "ended")


def log_of(home: Path) -> Path:
    """Return where the log of a run lies."""
    return home.parent / "exchange" / "queue_log"


@dataclass(slots=True)
class ExchangeLog:
    """Writes whole calls, one after the other."""

    path: Path
    written: list[Told] = field(default_factory=list)

    def write_call(self, number: int, now: float) -> None:
        """Write all that is said of one call that was answered and ended."""
        unique = f"{int(now)}.{number}"
        with self.path.open("a", encoding="ascii") as log:
            log.writelines(self._lines(unique, int(now)))
        call_id = derived_id(TENANT, "call", TRUNK, unique)
        self.written += [Told(TENANT, call_id, step, now, now) for step in STEPS]

    def _lines(self, unique: str, second: int) -> Iterator[str]:
        began, answered, ended = second - 12, second - 9, second
        yield f"{began}|{unique}|{QUEUE}|NONE|ENTERQUEUE||081200000000|1\n"
        yield f"{answered}|{unique}|{QUEUE}|Petugas 1|CONNECT|3|{unique}.1|3\n"
        yield f"{ended}|{unique}|{QUEUE}|Petugas 1|COMPLETECALLER|3|9|1\n"

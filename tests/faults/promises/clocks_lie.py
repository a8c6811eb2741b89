"""13: the clocks of services and of an exchange are five minutes wrong, each its own way, and jump."""

from pathlib import Path
from typing import Any

from tests.faults.checks.clocks import CHECKS
from tests.faults.clocks import (
    clocks_jump,
    durations_are_read,
    own_clocks,
    skew_is_looked_for,
    some_reply_late,
)
from tests.faults.promises.promise import Promise
from tests.faults.tenants import ask_on_after, changed_tenants

NEXT_AFTER_SECONDS = 15
"""Instead of minutes, so that deadlines come within a run."""


def _with_short_ladders(home: Path) -> Path:
    def change(file: dict[str, Any]) -> None:
        ask_on_after(file, NEXT_AFTER_SECONDS)

    return changed_tenants(home, change)


PROMISE = Promise(
    13,
    "clocks may lie",
    acts=(some_reply_late, clocks_jump, skew_is_looked_for),
    afterwards=(durations_are_read,),
    around=own_clocks,
    tenants=_with_short_ladders,
    checks=CHECKS,
    share=0.25,  # with ladders as short as these, and every third contact late, a ticket asks twice as many
    length=120.0,
    normal_again_within=20.0,
)

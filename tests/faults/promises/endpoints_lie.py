"""12: one agency of each tenant answers slowly, never, with nonsense, too much or a way inwards; then mail hangs too."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.arrivals import Call, arrivals
from tests.faults.checks.lies import CHECKS
from tests.faults.lying import endpoints_lie, lies_are_noted, mail_hangs, memory_is_watched
from tests.faults.noted import LYING_AGENCY
from tests.faults.promises.promise import Promise
from tests.faults.setting import Setting
from tests.faults.tenants import ask_on_after, changed_tenants, may_lie

NEXT_AFTER_SECONDS = 20
"""Instead of minutes, so that a ladder comes to its end within a run."""
LIARS_INCIDENT = "medical"
MAIL_HANGS_FOR = 1 / 3
"""The last part of the storm."""


def with_liars(home: Path) -> Path:
    """Let one agency of each tenant lie, and the ladder behind it come to its end soon."""

    def change(file: dict[str, Any]) -> None:
        may_lie(file, LYING_AGENCY)
        ask_on_after(file, NEXT_AFTER_SECONDS)

    return changed_tenants(home, change)


def mostly_for_the_liar(setting: Setting, tenants: int) -> tuple[Call, ...]:
    """Let most tickets ask the agency that lies: tries that are rare tell nothing of a breaker."""
    calls = arrivals(setting, tenants, seed=setting.seed)
    return tuple(
        replace(one, incident_type=LIARS_INCIDENT) if one.incident_type and one.number % 5 > 1 else one
        for one in calls
    )


PROMISE = Promise(
    12,
    "a slow, hanging, lying agency endpoint harms only itself",
    acts=(endpoints_lie, mail_hangs(MAIL_HANGS_FOR), memory_is_watched),
    afterwards=(lies_are_noted,),
    tenants=with_liars,
    calls=mostly_for_the_liar,
    checks=CHECKS,
    length=210.0,
    quiet=100.0,
    normal_again_within=20.0,
)

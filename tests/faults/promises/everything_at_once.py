"""0: kills, pauses, broker and store away, poison and lying endpoints in one storm; then the figures are counted again.

A short mix of promises 1, 2, 3, 4, 8 and 12 by one seed. What is right is judged; times only where they
are far beyond the goals, which the promises themselves judge on a machine that does nothing else.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from siaga_cli.run.environments import SERVICES
from tests.faults.checks import lies as lying_checks
from tests.faults.checks import poison as poison_checks
from tests.faults.history import KILL, PAUSE, History
from tests.faults.letters import letters_are_opened, letters_are_taken_again
from tests.faults.lying import endpoints_lie, lies_are_noted, mail_hangs
from tests.faults.poisoning import poison_is_put, refused_are_counted, the_door_is_poisoned
from tests.faults.promises.endpoints_lie import with_liars
from tests.faults.promises.processes_are_paused import SESSION_SECONDS
from tests.faults.promises.promise import Promise
from tests.faults.schedule import KILLS, Planned, plan
from tests.faults.setting import Setting
from tests.faults.stand_in import HEARS

BROKER_AWAY, STORE_AWAY, AFTER_EACH = 12.0, 8.0, 4.0
"""Seconds."""
Check = Callable[[History], Iterator[str]]
SLEEPS = SESSION_SECONDS + 2.0
BURIED_WITHIN = 90.0
"""Seconds: longer than everything that is away in the storm together."""
MAIL_HANGS_FOR = 0.25


def _storm(setting: Setting) -> tuple[Planned, ...]:
    """Let one service sleep, then the broker, then the store, which is killed too; the rest is kills of services."""
    asleep = random.Random(f"{setting.seed} asleep").choice(sorted(HEARS))
    return tuple(sorted([*_kills(setting), *_away(setting, asleep)], key=lambda one: one.at))


def _away(setting: Setting, asleep: str) -> Iterator[Planned]:
    sleeps, broker, store = _begins(setting)
    yield Planned(sleeps, PAUSE, (asleep,), SLEEPS, stand_in=True)
    yield Planned(broker, PAUSE, ("kafka",), BROKER_AWAY)
    yield Planned(store, PAUSE, ("store",), STORE_AWAY)
    yield Planned(store + STORE_AWAY, KILL, ("store",))


def _begins(setting: Setting) -> tuple[float, float, float]:
    """Return when a service, the broker and the store are put to sleep: the last ones of the storm."""
    store = setting.storm_ends - STORE_AWAY
    broker = store - AFTER_EACH - BROKER_AWAY
    return broker - 2 * AFTER_EACH - SLEEPS, broker, store


def _kills(setting: Setting) -> tuple[Planned, ...]:
    return plan(
        setting.seed, tuple(SERVICES), KILLS, begins=setting.quiet, ends=_begins(setting)[0] - AFTER_EACH
    )


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "tried": poison_checks.not_tried,
        "dead letters": partial(poison_checks.not_buried, within=BURIED_WITHIN),
        "taken again": poison_checks.taken_again,
        "door": poison_checks.door_gave_way,
        "redirects": lying_checks.followed,
        "ids": lying_checks.other_ids,
    }
)

PROMISE = Promise(
    0,
    "a storm of everything loses nothing, and the figures reconcile after it",
    _storm,
    acts=(poison_is_put, the_door_is_poisoned, endpoints_lie, mail_hangs(MAIL_HANGS_FOR)),
    afterwards=(lies_are_noted, refused_are_counted, letters_are_opened, letters_are_taken_again),
    tenants=with_liars,
    checks=CHECKS,
    share=0.3,
    normal_again_within=60.0,
    calm=75.0,
)

"""The same seed plans the same storm, and each storm keeps its rhythm."""

from itertools import pairwise

import pytest

from tests.faults.history import KILL, PAUSE
from tests.faults.promises import PROMISES
from tests.faults.schedule import KILLS, pauses, plan
from tests.faults.setting import Setting

SERVICES = ("directory", "intake", "triage", "dispatch", "agency-notifier", "statistics")


def test_a_seed_repeats_and_another_differs() -> None:
    first = plan(1, SERVICES, KILLS, begins=10, ends=130)
    assert plan(1, tuple(reversed(SERVICES)), KILLS, begins=10, ends=130) == first
    assert plan(2, SERVICES, KILLS, begins=10, ends=130) != first


@pytest.mark.parametrize("seed", range(20))
def test_somebody_is_killed_every_two_to_five_seconds(seed: int) -> None:
    planned = plan(seed, SERVICES, KILLS, begins=10, ends=130)
    gaps = [after.at - before.at for before, after in pairwise(planned)]
    assert 24 <= len(planned) <= 60
    assert all(2 <= gap <= 5 for gap in gaps)
    assert {one.kind for one in planned} == {KILL}
    assert len({one.programs[0] for one in planned}) == len(SERVICES)
    assert all(sorted(one.programs) == sorted(SERVICES) for one in planned)


def test_a_pause_outlasts_the_session_and_ends_with_the_storm() -> None:
    planned = plan(1, SERVICES, pauses(15), begins=10, ends=130)
    assert planned
    assert {(one.kind, one.stand_in) for one in planned} == {(PAUSE, True)}
    assert all(17 <= one.seconds <= 21 for one in planned)
    assert all(before.ends_at < after.at for before, after in pairwise(planned))
    assert planned[-1].ends_at <= 130


def test_a_storm_too_short_for_anything_is_calm() -> None:
    assert plan(1, SERVICES, KILLS, begins=0, ends=1) == ()


@pytest.mark.parametrize("number", PROMISES)
def test_every_promise_leaves_the_system_alone_at_first_and_long_enough_at_the_end(number: int) -> None:
    promise, setting = PROMISES[number], Setting(seed=1)
    planned = promise.planned(setting)
    assert planned or promise.acts
    assert all(one.at >= setting.quiet for one in planned)
    assert all(one.ends_at <= setting.storm_ends for one in planned)
    assert promise.calm > promise.normal_again_within

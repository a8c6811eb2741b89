"""A run that ends early is told and takes no other along."""

from dataclasses import replace

import pytest

from siaga_cli.run.environments import SERVICES
from tests.faults import trying
from tests.faults.good_history import GOOD
from tests.faults.history import History
from tests.faults.promises import PROMISES
from tests.faults.promises.promise import CannotBeTried
from tests.faults.report import Tried
from tests.faults.running import unheard
from tests.faults.setting import Setting
from tests.witness.verdict import Verdict


def after(monkeypatch: pytest.MonkeyPatch, end: Exception | History) -> Tried:
    """Return what is told of a run that ends so."""

    async def run(*_: object) -> History:
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setattr(trying, "run", run)
    return trying.try_once(PROMISES[1], Setting(seed=7), lambda _: None)


def test_a_run_that_ends_early_is_a_broken_one(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = after(monkeypatch, ExceptionGroup("two", [TimeoutError("no answer")])).violations
    assert str(one) == "cut off: the run ended early with TimeoutError: no answer"


def test_a_service_that_nobody_listened_to_is_told() -> None:
    heard = Verdict((), frozenset(SERVICES.values()) - {SERVICES["agency-notifier"]}, 9, 9, 9)
    assert [*unheard(heard)] == ["agency-notifier was not listened to"]


def test_what_cannot_be_tried_here_is_said_and_broken_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = after(monkeypatch, CannotBeTried("no tmpfs"))
    assert (tried.not_tried, tried.violations) == ("no tmpfs", ())


def test_a_run_in_which_nothing_could_be_done_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = after(monkeypatch, replace(GOOD, faults=()))
    assert [one.sentence for one in tried.violations if one.kind == trying.CUT_OFF] == [
        "nothing of what was planned could be done to the system"
    ]
    assert not after(monkeypatch, GOOD).violations

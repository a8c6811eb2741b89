"""A run that ends early is told and takes no other along."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from siaga_cli.run.environments import SERVICES
from tests.faults import trying
from tests.faults.good_history import GOOD
from tests.faults.history import History
from tests.faults.promises import PROMISES
from tests.faults.promises.promise import CannotBeTried
from tests.faults.report import Tried, page
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


def test_a_run_that_never_ends_is_a_broken_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: object) -> History:
        await asyncio.Event().wait()
        return GOOD

    monkeypatch.setattr(trying, "run", hangs)
    monkeypatch.setattr(trying, "REST_WITHIN", 0.1)
    setting = Setting(seed=7, quiet=0.0, length=0.0, calm=0.0)
    (one,) = trying.try_once(PROMISES[1], setting, lambda _: None).violations
    assert (one.kind, "it had not ended after 0 s" in one.sentence) == (trying.CUT_OFF, True)


def test_a_check_and_a_telling_that_stumble_hide_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(_: History) -> Iterator[str]:
        yield "the first is seen"
        raise KeyError("no such")

    promise = replace(
        PROMISES[1], checks={"first": stumbles, "last": lambda _: iter(["so is the last"])}, tells=stumbles
    )

    async def run(*_: object) -> History:
        return replace(GOOD, requests=())

    monkeypatch.setattr(trying, "run", run)
    tried = trying.try_once(promise, Setting(seed=7), lambda _: None)
    assert [str(one) for one in tried.violations] == [
        "lost: delivery d1 to dinkes counts as delivered and was never received",
        "first: the first is seen",
        "first: could not be judged: KeyError: 'no such'",
        "last: so is the last",
    ]
    assert "KeyError" in tried.told[0]
    assert "- its figures could not be told" in page({}, [tried])

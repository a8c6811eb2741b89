"""What a run's own log says of programs that ended."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults import asking
from tests.faults.asking import STUCK_AFTER, deaths, settle
from tests.faults.history import Death

SAID = """\
triage is ready (3.1 s)
triage died (exit -9) and is started again
intake died (exit 70) and is started again
Everything is ready after 12.4 s.
"""


def test_every_death_is_read_with_its_exit() -> None:
    assert deaths(SAID) == (Death("triage", "-9"), Death("intake", "70"))


def looks(monkeypatch: pytest.MonkeyPatch, waiting: Sequence[int]) -> Any:
    """Let so many things be unfinished at each look, and time pass between two of them."""
    left, now = list(waiting), [0.0]

    def unfinished(*_: object) -> list[str]:
        return ["a ticket"] * (left.pop(0) if len(left) > 1 else left[0])

    def sleep(_: float) -> None:
        now[0] += 0.9 * STUCK_AFTER

    monkeypatch.setattr(asking, "_unfinished", unfinished)
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    return None


def test_settling_waits_as_long_as_something_comes_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settle(looks(monkeypatch, (4, 3, 2, 1, 0)), ()) == ()


def test_settling_ends_when_nothing_comes_to_its_end_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settle(looks(monkeypatch, (4, 3)), ()) == ("a ticket",) * 3

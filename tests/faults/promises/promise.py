"""What a promise under faults is: its sentence, its load, what is done to the system, and what else must hold."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.arrivals import Call, arrivals
from tests.e2e.system import System
from tests.faults.history import History
from tests.faults.injector import Injector
from tests.faults.load import Load
from tests.faults.schedule import Planned
from tests.faults.setting import Setting
from tests.faults.tenants import TENANTS


@dataclass(frozen=True, slots=True)
class Stage:
    """One run under way: who plays, and where an act leaves what it saw.

    Attributes:
        noted: what acts saw, as plain data that JSON takes; it becomes `History.noted`.
    """

    setting: Setting
    system: System
    load: Load
    injector: Injector
    say: Callable[[str], None]
    noted: dict[str, Any] = field(default_factory=dict)


class CannotBeTried(RuntimeError):
    """This machine lacks what a promise is tried with; the text says what."""


Act = Callable[[Stage], Awaitable[None]]
Around = Callable[[Path], AbstractAsyncContextManager[Mapping[str, str]]]


def _nothing(_: Setting) -> tuple[Planned, ...]:
    return ()


def _no_words(_: History) -> Iterator[str]:
    return iter(())


def _of_the_checkout(_: Path) -> Path:
    return TENANTS


def _at_random(setting: Setting, tenants: int) -> tuple[Call, ...]:
    return arrivals(setting, tenants, seed=setting.seed)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise and how it is tried.

    Attributes:
        planned: what the injector does to programs, from the setting alone.
        acts: what else goes on beside the load, each from the first call on; a run waits for their end.
        afterwards: done one after the other when all is at rest, before the sides are read.
        around: surrounds a run in a data folder, from before its start, and gives more environment.
        tenants: makes the tenants' files of a run, given its data folder, and returns where they are.
        calls: which calls come when, from the setting and the number of tenants.
        checks: what must hold beside the common checks, by the kind of its violation.
        may_end: the programs whose own end belongs to what is done to them.
        tells: what a person wants to read beside the verdict, in sentences.
        share: the load, in parts of the highest rate that this machine holds (C).
        length: seconds of the storm, where nobody asks for another.
        seeds: so many runs with different seeds, where nobody asks for one.
        normal_again_within: seconds from the last fault until nothing is late any more.
        normal_again: gives those seconds where they follow from what a run has shown.
        quiet: how long nothing is done at first; longer where what is usual is compared with.
        calm: how long calls come after the storm, at least; longer than that, so that it is seen.
        calm_times: so many times the storm's length, where that is longer.
    """

    number: int
    sentence: str
    planned: Callable[[Setting], tuple[Planned, ...]] = _nothing
    acts: tuple[Act, ...] = ()
    afterwards: tuple[Act, ...] = ()
    around: Around | None = None
    tenants: Callable[[Path], Path] = _of_the_checkout
    calls: Callable[[Setting, int], tuple[Call, ...]] = _at_random
    checks: Mapping[str, Callable[[History], Iterator[str]]] = field(default_factory=dict)
    may_end: frozenset[str] = frozenset()
    tells: Callable[[History], Iterator[str]] = _no_words
    share: float = 0.5
    length: float = 120.0
    seeds: int = 1
    normal_again_within: float = 15.0
    normal_again: Callable[[History], float] | None = None
    quiet: float = 15.0
    calm: float = 30.0
    calm_times: float = 0.0

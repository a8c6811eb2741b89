"""Reads one run from all sides and names every violation in a sentence. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tests.faults.checks.doubled import doubled
from tests.faults.checks.figures import figures_differ
from tests.faults.checks.lost import lost
from tests.faults.checks.order import went_back
from tests.faults.checks.recovery import not_recovered
from tests.faults.checks.standing import not_at_rest
from tests.faults.history import History

LOST, DOUBLED, BACK, FIGURES, RECOVERY, REST = "lost", "doubled", "went back", "figures", "recovery", "rest"
WEAK = "weak guarantee"
Check = Callable[[History], Iterator[str]]
CHECKS: Mapping[str, Check] = {
    LOST: lost,
    DOUBLED: doubled,
    BACK: went_back,
    FIGURES: figures_differ,
    RECOVERY: not_recovered,
    REST: not_at_rest,
    WEAK: lambda history: iter(history.weak),
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: of which kind, and the sentence."""

    kind: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"


def violations(history: History, more: Mapping[str, Check] = MappingProxyType({})) -> tuple[Violation, ...]:
    """Return everything that one run broke, by the common checks and a promise's own; empty where it held."""
    checks = (*CHECKS.items(), *more.items())
    return tuple(one for kind, check in checks for one in _broken(kind, check, history))


def _broken(kind: str, check: Check, history: History) -> Iterator[Violation]:
    try:
        for sentence in check(history):
            yield Violation(kind, sentence)
    except Exception as error:  # a check that stumbles over a run hides no other one's sentence
        yield Violation(kind, f"could not be judged: {type(error).__name__}: {error}")

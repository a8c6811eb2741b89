"""Why a mutant may live: each explanation names the functions and the change it speaks of."""

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import yaml

from tests.mutants.results import Mutant

EXPLAINED = Path(__file__).with_name("explained.yaml")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reason.

    Attributes:
        functions: a pattern of names, as in `triage.domain.*`.
        change: found in the line `before => after`.
    """

    functions: str
    change: str
    why: str

    def covers(self, mutant: Mutant) -> bool:
        """Whether it speaks of this mutant."""
        line = f"{mutant.was} => {mutant.became}"
        return fnmatch(mutant.function, self.functions) and re.search(self.change, line) is not None


def read_explanations(path: Path = EXPLAINED) -> list[Explanation]:
    """Read all explanations."""
    return [Explanation(**one) for one in yaml.safe_load(path.read_text("utf-8")) or ()]


def why(mutant: Mutant, explanations: list[Explanation]) -> str:
    """Return the first reason that speaks of a mutant, or nothing."""
    return next((one.why for one in explanations if one.covers(mutant)), "")

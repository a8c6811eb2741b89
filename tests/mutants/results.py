"""What became of each mutant; run in a workshop, it prints them as JSON."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

KILLED = frozenset({"killed", "timeout", "segfault"})
"""Only tests are asked: what a type check would refuse lives on (decision 14)."""
NOT_ASKED_FOR = "not checked"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change of one function.

    Attributes:
        function: its module and name, as people write it.
        fate: the tool's word for it.
        was, became: the changed lines, of those that lived on.
    """

    function: str
    fate: str
    was: str = ""
    became: str = ""

    @property
    def killed(self) -> bool:
        """Whether a test noticed it."""
        return self.fate in KILLED

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def function_of(name: str) -> str:
    """Return a function's name from that of a mutant, such as `a.b.xǁCǁd__mutmut_3` for `a.b.C.d`."""
    module, _, mangled = name.partition("__mutmut_")[0].rpartition(".")
    words = mangled.split("ǁ")
    return f"{module}.{'.'.join(words[1:])}" if len(words) > 1 else f"{module}.{mangled.removeprefix('x_')}"


def changed(diff: str) -> tuple[str, str]:
    """Return the lines that a mutant changed, before and after."""
    lines = diff.splitlines()[2:]
    was, became = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+")
    )
    return was, became


def _all() -> list[Mutant]:
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.stats import status_by_exit_code
    from mutmut.utils.file_utils import walk_mutatable_files

    found = []
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, exit_code in data.exit_code_by_key.items():
            fate = status_by_exit_code[exit_code]
            if fate == NOT_ASKED_FOR:
                continue
            lines = ("", "") if fate in KILLED else changed(get_diff_for_mutant(name, path=path))
            found.append(Mutant(function_of(name), fate, *lines))
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps([one.as_json() for one in _all()]))

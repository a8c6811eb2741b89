"""What the mutants showed: a row a room, and every one that lived on with its reason. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.mutants.explained import Explanation, why
from tests.mutants.results import Mutant

GOAL = 0.85
Found = Mapping[str, Sequence[Mutant]]


def share(mutants: Sequence[Mutant]) -> float:
    """Return which part of them was killed; where there are none, nothing was shown."""
    return sum(one.killed for one in mutants) / len(mutants) if mutants else 0.0


def fails(mutants: Sequence[Mutant], explanations: list[Explanation]) -> bool:
    """Whether a room is below the goal, or one lived on and nobody has said why."""
    return share(mutants) < GOAL or bool(_unexplained(mutants, explanations))


def page(found: Found, explanations: list[Explanation]) -> str:
    """Return the report as Markdown."""
    lines = ["| room | mutants | killed | share | lived on, unexplained |", "|---|---|---|---|---|"]
    lines += [_row(room, mutants, explanations) for room, mutants in found.items()]
    everyone = [one for mutants in found.values() for one in mutants]
    lines += [_row("**all**", everyone, explanations), ""]
    for room, mutants in found.items():
        lines += _survivors(room, [one for one in mutants if not one.killed], explanations)
    return "\n".join(lines)


def _row(room: str, mutants: Sequence[Mutant], explanations: list[Explanation]) -> str:
    killed = sum(one.killed for one in mutants)
    unexplained = len(_unexplained(mutants, explanations))
    return f"| {room} | {len(mutants)} | {killed} | {share(mutants):.1%} | {unexplained} |"


def _unexplained(mutants: Sequence[Mutant], explanations: list[Explanation]) -> list[Mutant]:
    return [one for one in mutants if not one.killed and not why(one, explanations)]


def _survivors(room: str, survivors: Sequence[Mutant], explanations: list[Explanation]) -> Iterable[str]:
    if not survivors:
        return
    reasons: dict[str, list[Mutant]] = defaultdict(list)
    for one in survivors:
        reasons[why(one, explanations)].append(one)
    yield f"## {room}: {len(survivors)} lived on"
    for reason, mutants in sorted(reasons.items()):
        yield from ("", f"{reason or 'Not explained yet.'}", "")
        yield from (_line(one) for one in mutants)
    yield ""


def _line(one: Mutant) -> str:
    if one.fate == "no tests":
        return f"- `{one.function}` is run by no test: `{one.was}` → `{one.became}`"
    return f"- `{one.function}`: `{one.was}` → `{one.became}`"

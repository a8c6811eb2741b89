"""What the runs showed: one row a promise, and under it every violation in its sentence. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.figures import milliseconds
from bench.percentiles import percentile
from tests.faults.checker import DOUBLED, LOST, Violation
from tests.faults.checks.recovery import recoveries
from tests.faults.history import History
from tests.faults.noted import POISON
from tests.faults.promises.promise import Promise
from tests.faults.setting import Setting

MOST_SENTENCES = 40
ENDPOINT = "endpoint"
HEAD = ("promise", "seed", "load", "faults", "lost", "doubled", "normal again after", "repeats", "verdict")


@dataclass(frozen=True, slots=True)
class Tried:
    """One run of one promise and what it broke."""

    promise: Promise
    setting: Setting
    history: History
    violations: tuple[Violation, ...]


def page(head: Mapping[str, str], tried: Sequence[Tried]) -> str:
    """Return the report as Markdown."""
    lines = ["# Promises under faults", "", *_table(("measured on", ""), head.items()), ""]
    lines += _table(HEAD, map(row, tried))
    for one in tried:
        lines += _sentences(one)
    return "\n".join(lines) + "\n"


def row(tried: Tried) -> tuple[str, ...]:
    """Return one promise's line."""
    setting, history = tried.setting, tried.history
    kinds = Counter(one.kind for one in tried.violations)
    return (
        f"{tried.promise.number}. {tried.promise.sentence}",
        str(setting.seed),
        _load(setting, history),
        f"{_faults(history)} in {setting.length:g} s",
        str(kinds[LOST]),
        str(kinds[DOUBLED]),
        _recovery(history),
        str(_repeats(history)),
        "held" if not tried.violations else f"broken: {_kinds(kinds)}",
    )


def _load(setting: Setting, history: History) -> str:
    return (
        f"{setting.calls} calls at {setting.calls_per_second:g}/s, {len(history.inputs.told)} events, "
        f"{len(history.inputs.escalated)} escalations, {len(history.requests)} requests"
    )


def _faults(history: History) -> str:
    counted = Counter(
        (one.kind, ENDPOINT if one.program.startswith("/") else one.program) for one in history.faults
    )
    counted["poisoned", "event"] += len(history.noted.get(POISON, ()))
    return (
        ", ".join(f"{program} {kind} {count}×" for (kind, program), count in sorted(counted.items()) if count)
        or "none"
    )


def _recovery(history: History) -> str:
    return "; ".join(
        f"{one.kind} {one.after:.1f} s (over {milliseconds(one.limit)} is late, {one.calm} seen)"
        for one in recoveries(history)
    )


def _repeats(history: History) -> int:
    return sum(count - 1 for count in Counter(one.message_id for one in history.requests).values())


def _kinds(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())


def _sentences(tried: Tried) -> list[str]:
    lines = [
        "",
        f"## Promise {tried.promise.number}, seed {tried.setting.seed}",
        "",
        f"- {_waits(tried.history)}",
        f"- promise 6: {tried.history.heard or 'nobody listened'}",
        *(f"- {one}" for one in tried.promise.tells(tried.history)),
    ]
    lines += [f"- **{one.kind}**: {one.sentence}" for one in tried.violations[:MOST_SENTENCES]]
    left = len(tried.violations) - MOST_SENTENCES
    return [*lines, *([f"- and {left} more"] if left > 0 else [])]


def _waits(history: History) -> str:
    waited = [one.acknowledged_at - one.intended_at for one in history.inputs.told]
    if not waited:
        return "intake acknowledged nothing"
    shares = ", ".join(
        f"p{round(100 * share)} {milliseconds(percentile(waited, share))}" for share in (0.5, 0.9, 0.99)
    )
    return f"intake's answer in the whole run, from the intended start, faults included: {shares}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

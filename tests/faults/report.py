"""What the runs showed: one row a promise, and under it every violation in its sentence. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from bench.figures import milliseconds
from bench.percentiles import percentile
from tests.faults.checker import DOUBLED, LOST, WEAK, Violation
from tests.faults.checks.recovery import Recovery, recoveries
from tests.faults.history import History
from tests.faults.noted import LATE, LEFT_OUT, POISON
from tests.faults.promises.promise import Promise
from tests.faults.setting import Setting

MOST_SENTENCES = 40
ENDPOINT = "endpoint"
HEAD = (
    "promise",
    "store",
    "seed",
    "load",
    "faults",
    "lost",
    "doubled",
    "normal again after",
    "repeats",
    "verdict",
)
SIXTH = "6. nothing anywhere uses a weak guarantee"
ELSEWHERE = (
    "15. nothing amplifies, no counter stops",
    *("–",) * (len(HEAD) - 2),
    "shown in the simulation: `make test ONLY=tests/simulation`",
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One run of one promise and what it broke.

    Attributes:
        told: what a person wants to read beside the verdict.
        not_tried: why there was no run, where there was none.
    """

    promise: Promise
    setting: Setting
    history: History = field(default_factory=History)
    violations: tuple[Violation, ...] = ()
    told: tuple[str, ...] = ()
    not_tried: str = ""


def page(head: Mapping[str, str], tried: Sequence[Tried]) -> str:
    """Return the report as Markdown."""
    lines = ["# Promises under faults", "", *_table(("measured on", ""), head.items()), ""]
    lines += _table(HEAD, [*rows(tried), ELSEWHERE])
    for one in tried:
        lines += _sentences(one)
    return "\n".join(lines) + "\n"


def rows(tried: Sequence[Tried]) -> Iterator[tuple[str, ...]]:
    """Yield one line a promise and store, all its seeds together, and one of what all of them listened to."""
    ordered = sorted(tried, key=_place)
    for _, runs in groupby(ordered, key=_place):
        yield row(tuple(runs))
    for store, runs in groupby(ordered, key=lambda one: one.setting.store):
        yield _sixth(store, [one for one in runs if not one.not_tried])


def row(runs: Sequence[Tried]) -> tuple[str, ...]:
    """Return the line of one promise's runs."""
    kinds = Counter(one.kind for tried in runs for one in tried.violations)
    first, histories = runs[0], [one.history for one in runs if not one.not_tried]
    return (
        f"{first.promise.number}. {first.promise.sentence}",
        first.setting.store,
        _seeds(runs),
        _load(first.setting, histories),
        f"{_faults(histories)} in {len(histories)} × {first.setting.length:g} s",
        str(kinds[LOST]),
        str(kinds[DOUBLED]),
        _recovery(histories),
        str(sum(map(_repeats, histories))),
        _verdict(runs, kinds),
    )


def _place(tried: Tried) -> tuple[str, int]:
    return (tried.setting.store, tried.promise.number)


def _sixth(store: str, runs: Sequence[Tried]) -> tuple[str, ...]:
    weak = sum(one.kind == WEAK for tried in runs for one in tried.violations)
    listened = f"every command, producer, consumer and topic of {len(runs)} runs"
    verdict = f"broken: {weak}" if weak else "held" if runs else "not tried"
    return (SIXTH, store, "–", listened, *("–",) * (len(HEAD) - 5), verdict)


def _seeds(runs: Sequence[Tried]) -> str:
    seeds = sorted(one.setting.seed for one in runs)
    return f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]}–{seeds[-1]}"


def _load(setting: Setting, histories: Sequence[History]) -> str:
    calls = sum(len({told.call_id for told in one.inputs.heard}) for one in histories)
    return (
        f"{calls} calls, {setting.calls_per_second:g}/s in the storm, "
        f"{sum(len(one.inputs.told) for one in histories)} events, "
        f"{sum(len(one.inputs.escalated) for one in histories)} escalations, "
        f"{sum(len(one.requests) for one in histories)} requests"
    )


def _faults(histories: Iterable[History]) -> str:
    counted: Counter[tuple[str, str]] = Counter()
    for history in histories:
        counted.update(
            (one.kind, ENDPOINT if one.program.startswith("/") else one.program) for one in history.faults
        )
        counted["poisoned", "event"] += len(history.noted.get(POISON, ()))
        counted["left out", "planned faults"] += len(history.noted.get(LEFT_OUT, ()))
    return (
        ", ".join(f"{program} {kind} {count}×" for (kind, program), count in sorted(counted.items()) if count)
        or "none"
    )


def _recovery(histories: Iterable[History]) -> str:
    """Tell of each kind of act the run in which it took longest."""
    worst: dict[str, Recovery] = {}
    for history in histories:
        for one in recoveries(history):
            worst[one.kind] = max(one, worst.get(one.kind, one), key=lambda each: each.after)
    return "; ".join(
        f"{one.kind} {one.after:.1f} s (over {milliseconds(one.limit)} is late, {one.calm} seen)"
        for one in worst.values()
    )


def _repeats(history: History) -> int:
    return sum(count - 1 for count in Counter(one.message_id for one in history.requests).values())


def _verdict(runs: Sequence[Tried], kinds: Counter[str]) -> str:
    untried = [one.not_tried for one in runs if one.not_tried]
    if untried:
        return f"not tried: {untried[0]}"
    held = sum(not one.violations for one in runs)
    if held == len(runs):
        return "held" if held == 1 else f"held in {held} of {held}"
    return f"held in {held} of {len(runs)}; broken: {_kinds(kinds)}" if held else f"broken: {_kinds(kinds)}"


def _kinds(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())


def _sentences(tried: Tried) -> list[str]:
    if tried.not_tried:
        return []
    lines = [
        "",
        f"## Promise {tried.promise.number}, {tried.setting.store}, seed {tried.setting.seed}",
        "",
        f"- {_waits(tried.history)}",
        f"- promise 6: {tried.history.heard or 'nobody listened'}",
        *(f"- left out: {one}" for one in tried.history.noted.get(LEFT_OUT, ())),
        *(f"- {one}" for one in tried.told),
    ]
    lines += [f"- **{one.kind}**: {one.sentence}" for one in tried.violations[:MOST_SENTENCES]]
    left = len(tried.violations) - MOST_SENTENCES
    return [*lines, *([f"- and {left} more"] if left > 0 else [])]


def _waits(history: History) -> str:
    late = percentile(history.noted.get(LATE) or [0.0], 0.99)
    waited = [one.acknowledged_at - one.intended_at for one in history.inputs.told]
    if not waited:
        return "intake acknowledged nothing"
    shares = ", ".join(
        f"p{round(100 * share)} {milliseconds(percentile(waited, share))}" for share in (0.5, 0.9, 0.99)
    )
    return (
        f"intake's answer in the whole run, from the intended start, faults included: {shares}; "
        f"the load generator itself was late by {milliseconds(late)} at its p99"
    )


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *map(_line, lines)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

"""What clocks that lie did: a duration below zero, a skew that nobody was told, a deadline too early or too late."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tests.faults.history import History, Json

NEGATIVE, UNFLAGGED, DEADLINE = "negative", "not flagged", "deadline"
JUMPS, FLAGS, DURATIONS = "jumps", "flags", "durations"
"""Where acts note which clock jumped when, what was told of it, and every duration that is shown."""
NEAR = 3.0
"""Seconds by which a told skew may differ from the true one."""
SLACK = 6.0
"""Seconds that a deadline may be met late by a machine under load: its poll, two hops and the sending."""
LENGTHS = ("_seconds", "_ms")


def below_zero(history: History) -> Iterator[str]:
    """Name every duration that is less than nothing: in figures, metrics, events and states."""
    for one in history.noted.get(DURATIONS, ()):
        if one["seconds"] < 0:
            yield f"{one['where']}: {one['name']} is {one['seconds']:.1f} s"
    for said in history.log:
        for name, length in _lengths(said.body):
            yield f"{said.source}'s {said.subject}: {name} is {length}"
    for call in history.states.calls:
        for name, length in _lengths(call):
            yield f"call {call['call_id']}: {name} is {length}"


def _lengths(told: Any, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(told, Mapping):
        for key, inner in told.items():
            yield from _lengths(inner, str(key))
    elif isinstance(told, list | tuple):
        for inner in told:
            yield from _lengths(inner, name)
    elif isinstance(told, int | float) and name.endswith(LENGTHS) and told < 0:
        yield name, told


def not_flagged(history: History) -> Iterator[str]:
    """Name each clock that lied and of which its service did not tell how much, or a person nothing."""
    flags = history.noted.get(FLAGS, ())
    if not flags:
        yield "no clock was looked at, so nobody can tell whether one that lies is told"
    for one in flags:
        told = one["told"]
        if told is None or abs(told - one["ahead"]) > NEAR:
            yield f"{one['whose']}'s clock was {one['ahead']:+d} s off and it told {told}"
        if "said" in one and f"{one['whose']}: its clock is" not in one["said"]:
            yield f"{one['whose']}'s clock was {one['ahead']:+d} s off and siaga status did not name it"


def off_by_more(history: History) -> Iterator[str]:
    """Name each next contact that was asked too early or too late by more than dispatch's clock jumped meanwhile."""
    first: dict[tuple[str, int], float] = {}
    step_of = {one["delivery_id"]: (one["task_id"], one["step"]) for one in history.states.deliveries}
    for request in history.requests:
        step = step_of.get(request.delivery_id)
        if step is not None:
            first[step] = min(request.at, first.get(step, request.at))
    seen = 0
    for _, task in history.states.tasks():
        for before, after in zip(task["offers"], task["offers"][1:], strict=False):
            began = first.get((task["task_id"], before["step"]))
            ended = first.get((task["task_id"], after["step"]))
            if began is not None and ended is not None:
                seen += 1
                yield from _off(history, task, _wait(before), began, ended)
    if not seen:
        yield "no deadline came, so nobody can tell whether one is off"


def _off(history: History, task: Json, wait: float, began: float, ended: float) -> Iterator[str]:
    skew = _jumped(history, began, ended)
    off = ended - began - wait
    if abs(off) > skew + SLACK:
        yield (
            f"task {task['task_id']}: the next contact was asked {off:+.1f} s off its deadline of {wait:g} s, "
            f"while dispatch's clock jumped {skew:g} s"
        )


def _wait(offer: Json) -> float:
    return (datetime.fromisoformat(offer["due_at"]) - datetime.fromisoformat(offer["at"])).total_seconds()


def _jumped(history: History, began: float, ended: float) -> float:
    """Return by how many seconds dispatch's clock jumped in a stretch of time, all jumps together."""
    ahead, total = 0, 0.0
    for jump in history.noted.get(JUMPS, ()):
        if jump["whose"] != "dispatch":
            continue
        if began - SLACK <= jump["at"] <= ended:
            total += abs(jump["ahead"] - ahead)
        ahead = jump["ahead"]
    return total


CHECKS: Mapping[str, Callable[[History], Iterator[str]]] = MappingProxyType(
    {NEGATIVE: below_zero, UNFLAGGED: not_flagged, DEADLINE: off_by_more}
)

"""What replicas that come and go did: a stall, or a field that an older one dropped."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from bench.takers import TAKES_AFTER
from tests.faults.checks.waits import acknowledged, asked, closed
from tests.faults.history import History, Said

STALL, FIELD = "stall", "dropped field"
NO_LONGER_THAN = 10.0
"""Seconds that nothing may wait, whoever of its consumers comes or goes."""
JOURNAL, KEPT = "newer_journal", "newer_kept"
"""Where an act notes every save of the newer program, and each response as it lies in the store afterwards."""

HOPS: Mapping[str, tuple[tuple[str, str], tuple[str, str], str]] = MappingProxyType(
    {
        "dispatch": (("ticket.escalated", "triage"), ("task.assigned", "dispatch"), "ticket_id"),
        "the notifier": (
            ("task.assigned", "dispatch"),
            ("notification.updated", "agency-notifier"),
            "ticket_id",
        ),
    }
)
"""Who answers what with what, about the same thing."""
DESK = ("call.updated", "triage")
"""What the desk says of a call as soon as a taker has given it a class or a ticket."""


def stalled(history: History) -> Iterator[str]:
    """Name each kind of work of which something waited too long, and how long at most."""
    waited: dict[str, list[float]] = {}
    for one in (*acknowledged(history), *asked(history), *closed(history)):
        waited.setdefault(f"what is {one.kind}", []).append(one.seconds)
    for name, (said, answered, key) in HOPS.items():
        began = _first(history, said, key)
        waited[name] = list(_hop(began, _first(history, answered, key)))
    waited["the desk"] = list(_hop(_taken(history), _first(history, DESK, "call_id")))
    for name, seconds in waited.items():
        late = [one for one in seconds if one > NO_LONGER_THAN]
        if late:
            yield f"{name}: {len(late)} of {len(seconds)} waited longer than {NO_LONGER_THAN:g} s, the longest {max(late):.1f} s"


def _taken(history: History) -> dict[str, float]:
    """When a taker should have begun with each call."""
    return {
        told.call_id: told.intended_at + TAKES_AFTER
        for told in history.inputs.told
        if told.event == "ringing"
    }


def _hop(began: Mapping[str, float], ended: Mapping[str, float]) -> Iterator[float]:
    """From the first telling of each thing until its answer."""
    for about, at in began.items():
        yield max(0.0, ended.get(about, float("inf")) - at)


def _first(history: History, what: tuple[str, str], key: str) -> dict[str, float]:
    first: dict[str, float] = {}
    for one in history.log:
        if _is(one, what) and key in one.body:
            first[one.body[key]] = min(one.at, first.get(one.body[key], one.at))
    return first


def _is(one: Said, what: tuple[str, str]) -> bool:
    return (one.topic, one.source) == what


def dropped(history: History) -> Iterator[str]:
    """Name each response whose newer field an older program lost; and where nothing proves that it could not."""
    kept = {one["id"]: one for one in history.noted.get(KEPT, ())}
    last: dict[str, tuple[int, int]] = {}
    for one in history.noted.get(JOURNAL, ()):
        last[one["id"]] = max((one["version"], one["saves"]), last.get(one["id"], (0, 0)))
    for about, (version, saves) in last.items():
        found = kept.get(about, {"version": 0, "saves": None})
        if found["saves"] != saves:
            yield (
                f"response {about}: the newer program had saved its field {saves} times at version {version}, "
                f"and version {found['version']} has {found['saves']}"
            )
    if not any(kept[about]["version"] > version for about, (version, _) in last.items() if about in kept):
        yield "no older program saved what a newer one had saved, so nobody can tell whether its field survives"


CHECKS: Mapping[str, Callable[[History], Iterator[str]]] = MappingProxyType({STALL: stalled, FIELD: dropped})

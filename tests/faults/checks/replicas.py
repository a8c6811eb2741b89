"""What replicas that come and go did: a stall, or a field that an older one dropped."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from bench.takers import TAKES_AFTER
from tests.faults.checks.lost import FINAL
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
REPLIED = ("agency.replied", "agency-notifier")
FOLLOWS = ("accepted", "en_route", "on_scene", "done")
"""A task is as far as its agency replied; what comes late is passed over where it is farther."""
OVER = FINAL - {"done"}
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
    waited["dispatch, of a reply"] = list(_hop(_replied(history), _known(history)))
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


def _replied(history: History) -> dict[str, float]:
    """When each reply of an agency was told first."""
    first: dict[str, float] = {}
    for said in history.log:
        if _is(said, REPLIED) and said.body["reply"] in FOLLOWS:
            about = f"{said.body['task_id']} {said.body['reply']}"
            first[about] = min(said.at, first.get(about, said.at))
    return first


def _known(history: History) -> dict[str, float]:
    """When dispatch told first that a task was as far as its agency had replied, or farther."""
    first: dict[str, float] = {}
    for said in history.log:
        for task in said.body.get("tasks", ()) if said.source == "dispatch" else ():
            for reply in (
                FOLLOWS[: FOLLOWS.index(task["status"]) + 1] if task["status"] in FOLLOWS else FOLLOWS
            ):
                about = f"{task['task_id']} {reply}"
                if task["status"] in FOLLOWS or task["status"] in OVER:
                    first[about] = min(said.at, first.get(about, said.at))
    return first


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
    yield from _uncounted(history)
    for about, (version, saves) in last.items():
        found = kept.get(about, {"version": 0, "saves": None})
        if found["saves"] != saves:
            yield (
                f"response {about}: the newer program had saved its field {saves} times at version {version}, "
                f"and version {found['version']} has {found['saves']}"
            )
    if not any(kept[about]["version"] > version for about, (version, _) in last.items() if about in kept):
        yield "no older program saved what a newer one had saved, so nobody can tell whether its field survives"


def _uncounted(history: History) -> Iterator[str]:
    """Name each response that the newer program found without its field, though it had saved it before."""
    saves: dict[str, list[int]] = {}
    for one in sorted(history.noted.get(JOURNAL, ()), key=lambda one: int(one["version"])):
        saves.setdefault(one["id"], []).append(one["saves"])
    for about, counted in saves.items():
        if counted != list(range(1, len(counted) + 1)):
            yield f"response {about}: the newer program counted its saves as {counted}"


CHECKS: Mapping[str, Callable[[History], Iterator[str]]] = MappingProxyType({STALL: stalled, FIELD: dropped})

"""What broken events did to anybody but themselves, and what became of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from tests.faults.checks.usual import waited_longer
from tests.faults.checks.waits import ASKED, CLOSED, Waited, asked, closed
from tests.faults.door_poison import AT_THE_DOOR
from tests.faults.history import History
from tests.faults.noted import DOOR, KEPT, OPENED, POISON, TAKEN_AGAIN
from tests.faults.poison import CODE_RAISES, WAYS

BURIED_WITHIN = 2.0
TIMES_AS_LONG, ALWAYS_FAST_ENOUGH = 2.0, 0.5
"""Neighbours wait so many times their quiet 99th percentile at most, or so many seconds."""
BEFORE, AFTER = 2.0, 5.0
"""Seconds before and after a broken event in which what is asked of the same partition is its neighbour."""
PROBLEM = "application/problem+json"
REDRIVEN, WAITING = "redriven", "waiting"


def not_tried(history: History) -> Iterator[str]:
    """Name each way that did not occur: then nothing was shown of it."""
    seen = {one["way"] for one in history.noted[POISON]}
    for way in (*WAYS, CODE_RAISES):
        if way not in seen:
            yield f"no event was broken so: {way}"


def not_buried(history: History, within: float = BURIED_WITHIN) -> Iterator[str]:
    """Name each broken event that one of its hearers did not bury whole, with a reason, and in time (seconds)."""
    letters: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in history.noted[OPENED]:
        letters[one["service"], one["topic"], one["place"]].append(one)
    for put in history.noted[POISON]:
        for service in put["buried_by"]:
            name = f"{put['topic']} {put['place']} ({put['way']}) in {service}"
            yield from _letter(name, put, letters[service, put["topic"], put["place"]], within)


def _letter(name: str, put: dict[str, Any], found: list[dict[str, Any]], within: float) -> Iterator[str]:
    if not found:
        yield f"{name} is not among the dead letters"
        return
    one = min(found, key=lambda letter: letter["at"])
    if one["at"] - put["at"] > within:
        yield f"{name} was buried only after {one['at'] - put['at']:.1f} s"
    if one["digest"] != put["digest"]:
        yield f"{name}: its letter does not hold the record as it was"
    if not one["reason"]:
        yield f"{name}: its letter has no reason"
    if one["in_the_clear"]:
        yield f"{name}: its letter shows the record in the clear"


def neighbours_waited(history: History) -> Iterator[str]:
    """Name what good events waited beside broken ones on their partitions, where it was longer than ever usual."""
    broken = [(_partition(one["place"]), float(one["at"])) for one in history.noted[POISON]]
    partitions = {
        said.body["ticket_id"]: _partition(said.place) for said in history.log if "ticket_id" in said.body
    }
    for kind, waits in ((ASKED, asked), (CLOSED, closed)):
        yield from _waited(kind, [*waits(history)], broken, partitions)


def _partition(place: str) -> str:
    return place.partition("/")[0]


def _waited(
    kind: str, waited: list[Waited], broken: list[tuple[str, float]], partitions: Mapping[str, str]
) -> Iterator[str]:
    first = min(at for _, at in broken)
    quiet = [one.seconds for one in waited if one.at + one.seconds < first]
    storm = [
        one.seconds
        for one in waited
        if any(
            where == partitions.get(one.ticket) and at - BEFORE <= one.at <= at + AFTER
            for where, at in broken
        )
    ]
    yield from waited_longer(
        f"neighbours of broken events were {kind}",
        quiet,
        storm,
        times=TIMES_AS_LONG,
        seconds=ALWAYS_FAST_ENOUGH,
        when="beside them",
    )


def taken_again(history: History) -> Iterator[str]:
    """Name each letter that was taken again and did not do what it should, once."""
    seen = history.noted[TAKEN_AGAIN]
    refused, again = [HTTPStatus.CONFLICT, WAITING], [HTTPStatus.OK, REDRIVEN]
    if seen["before"] != refused:
        yield f"a letter was taken again while its cause was there, and the door said {seen['before']}"
    if seen["after"] != [again, again]:
        yield f"a letter was taken again twice after its cause was gone, and the door said {seen['after']}"
    if seen["kept"] != [1, 1]:
        yield f"a letter that was taken again had its effect {seen['kept']} times, not once and once"
    for service, answer in seen["unreadable"].items():
        if answer != refused:
            yield f"an unreadable letter of {service} was taken again, and the door said {answer}"


def door_gave_way(history: History) -> Iterator[str]:
    """Name each broken event that intake's door did not refuse as a problem, or did not keep."""
    for one in history.noted[DOOR]:
        if (
            not HTTPStatus.BAD_REQUEST <= one["status"] < HTTPStatus.INTERNAL_SERVER_ERROR
            or one["type"] != PROBLEM
        ):
            yield f"intake's door answered {one['status']} ({one['type']}) to an event broken so: {one['way']}"
    if history.noted[KEPT] < len(AT_THE_DOOR):
        yield f"intake refused {len(AT_THE_DOOR)} broken events and kept {history.noted[KEPT]} of them"


CHECKS = MappingProxyType(
    {
        "tried": not_tried,
        "dead letters": not_buried,
        "neighbours": neighbours_waited,
        "taken again": taken_again,
        "door": door_gave_way,
    }
)

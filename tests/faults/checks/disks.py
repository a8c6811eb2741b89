"""What a full or broken disk did beyond its own: facts kept that were refused, or a person who was told nothing."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType

from tests.faults.checks.lost import TIME_OF
from tests.faults.history import FULL, NO_FSYNC, History, Json

PROBES, TOLD_OF, IN_LOGS, SMALL_DISKS = "probes", "told_of", "in_logs", "small_disks"
"""Where acts note what was answered to who asked once, what `siaga status` said, how often logs tell of it, and
whether small disks were there to be filled."""
UNWRITABLE, WRITABLE, BROKEN = "spool unwritable", "spool writable again", "store broken"
HALF, UNTOLD = "half written", "untold"
SAYS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("intake", FULL): ("waits for spool", "the spool cannot be written"),
    ("intake", NO_FSYNC): ("waits for spool", "the spool cannot be written"),
    ("store", FULL): (),
    ("store", NO_FSYNC): (),
}
"""What `siaga status` must say of each trouble, beside its exit code: without one it says nothing."""
SPARED = frozenset({("intake", FULL)})
"""A full disk that may harm nobody: a spool whose rows come and go writes over its own pages."""
DOWN = ("DOWN", "waits for")
NO_ROOM = "only 0 MB are left on its disk"
"""What it must say beside, where a disk was really full and writing to it was not only made to fail."""


def kept_though_refused(history: History) -> Iterator[str]:
    """Name every fact that was refused with 503, never sent again, and kept all the same."""
    probes = history.noted.get(PROBES, ())
    refused = [one for one in probes if one["status"] == HTTPStatus.SERVICE_UNAVAILABLE]
    if not refused:
        yield "nobody who asked once was told 503, so nobody can tell what becomes of it"
    known = {call["call_id"]: call for call in history.states.calls}
    for one in refused:
        call = known.get(one["call_id"])
        if call is not None and _tells(call, one["event"]):
            yield f"call {one['call_id']}: {one['event']} was answered with 503 and is there all the same"
    for one in probes:
        if one["status"] not in {HTTPStatus.ACCEPTED, HTTPStatus.SERVICE_UNAVAILABLE}:
            yield f"call {one['call_id']}: {one['event']} was answered with {one['status']}, neither 202 nor 503"


def _tells(call: Json, event: str) -> bool:
    """Whether a call knows of an event; it begins with the first that it knows, whichever that is."""
    others = {call.get(name) for one, name in TIME_OF.items() if one != event}
    time = call.get(TIME_OF[event])
    return time is not None and not (TIME_OF[event] == "started_at" and time in others)


def not_told(history: History) -> Iterator[str]:
    """Name each trouble that `siaga status` or a log hid from who looks."""
    done = {(fault.program, fault.kind) for fault in history.faults}
    told = {(one["program"], one["kind"]): one for one in history.noted.get(TOLD_OF, ())}
    spared = {name for name, one in told.items() if name in SPARED and not one["troubled"]}
    for program, kind in sorted(done):
        status = told[program, kind]["status"] if (program, kind) in told else ""
        troubled = (program, kind) not in spared
        if troubled and not any(word in status for word in DOWN):
            yield f"{program}, {kind}: siaga status calls everything well"
        no_room = (NO_ROOM,) if kind == FULL and history.noted.get(SMALL_DISKS) else ()
        for words in (*(SAYS[program, kind] if troubled else ()), *no_room):
            if words not in status:
                yield f"{program}, {kind}: siaga status does not say {words!r}"
    yield from _logs(history.noted.get(IN_LOGS, {}), done - spared)


def _logs(counted: Mapping[str, int], done: set[tuple[str, str]]) -> Iterator[str]:
    troubles = {"intake": (UNWRITABLE, WRITABLE), "store": (BROKEN,)}
    for program, words in troubles.items():
        expected = sum(1 for who, _ in done if who == program)
        for word in words:
            if counted.get(word, 0) < expected:
                yield f"{word} stands {counted.get(word, 0)} times in the log, after {expected} troubles"


CHECKS: Mapping[str, Callable[[History], Iterator[str]]] = MappingProxyType(
    {HALF: kept_though_refused, UNTOLD: not_told}
)

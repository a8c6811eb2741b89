"""What promises 10, 11, 13 and 14 check beside the common checks: each violation is seen, and a good run has none."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checker import violations
from tests.faults.checks import clocks, disks, overload, replicas
from tests.faults.good_history import GOOD, INPUTS, LOG, STATES, call, delivery, request, response, said, task
from tests.faults.history import FULL, NO_FSYNC, RESTART, Death, Fault, History, Json

Check = Callable[[History], Iterator[str]]
GOOD_LOG = tuple(replace(one, at=100.0 + number) for number, one in enumerate(LOG))


def noting(good: History, **news: Any) -> History:
    return replace(good, noted={**good.noted, **news})


# 11 ---------------------------------------------------------------------------------------------

FULL_STATUS = (
    "intake waits for spool: full\nthe spool cannot be written\nintake: only 0 MB are left on its disk"
)
PROBES = (
    {"call_id": "c1", "event": "ringing", "status": 202},
    {"call_id": "c2", "event": "ringing", "status": 503},
)
LOGS = {disks.UNWRITABLE: 1, disks.WRITABLE: 1}
DISK = replace(
    GOOD,
    faults=(Fault("intake", FULL, 90.0, 95.0),),
    noted={
        disks.PROBES: PROBES,
        disks.TOLD_OF: [{"program": "intake", "kind": FULL, "status": FULL_STATUS, "troubled": True}],
        disks.IN_LOGS: LOGS,
        disks.SMALL_DISKS: True,
    },
)


def told_of(program: str, kind: str, status: str, *, troubled: bool = True) -> list[Json]:
    return [{"program": program, "kind": kind, "status": status, "troubled": troubled}]


LATE = call(call_id="c2", started_at=call()["queued_at"])


def test_a_call_whose_refused_ringing_is_unknown_begins_with_what_was_kept() -> None:
    kept = replace(DISK, states=replace(STATES, calls=(call(), LATE)))
    assert [*disks.kept_though_refused(kept)] == []


def test_a_full_disk_on_which_the_spool_went_on_writing_is_told_and_is_no_trouble() -> None:
    room = told_of("intake", FULL, "intake ready\nonly 0 MB are left on its disk", troubled=False)
    spared = noting(DISK, told_of=room, in_logs={})
    assert [*disks.not_told(spared)] == []
    assert [*disks.not_told(noting(spared, told_of=told_of("intake", FULL, "ready", troubled=False)))] != []


DISKS: list[tuple[History, str]] = [
    (
        noting(DISK, probes=({"call_id": "c1", "event": "ringing", "status": 503},)),
        "ringing was answered with 503 and is there all the same",
    ),
    (noting(DISK, probes=PROBES[:1]), "nobody who asked once was told 503"),
    (
        noting(DISK, probes=(*PROBES, {"call_id": "c3", "event": "ended", "status": 500})),
        "answered with 500, neither 202 nor 503",
    ),
    (noting(DISK, told_of=told_of("intake", FULL, "ready")), "siaga status calls everything well"),
    (noting(DISK, told_of=()), "siaga status does not say 'waits for spool'"),
    (
        noting(DISK, told_of=told_of("intake", FULL, FULL_STATUS.replace("only 0", "only 16"))),
        "siaga status does not say 'only 0 MB are left on its disk'",
    ),
    (noting(DISK, in_logs=LOGS | {disks.WRITABLE: 0}), "spool writable again stands 0 times in the log"),
    (
        replace(DISK, faults=(*DISK.faults, Fault("store", NO_FSYNC, 96.0, 97.0))),
        "store broken stands 0 times in the log",
    ),
]

# 13 ---------------------------------------------------------------------------------------------

OFFERS = [
    {"step": 1, "contact": "posko", "at": "2026-11-23T00:00:00Z", "due_at": "2026-11-23T00:00:15Z"},
    {"step": 2, "contact": "piket", "at": "2026-11-23T00:00:15Z", "due_at": "2026-11-23T00:00:30Z"},
]
FLAG = {
    "whose": "triage",
    "ahead": 300,
    "told": 300.2,
    "said": "triage: its clock is 300.2 s ahead",
}
CLOCKED = replace(
    GOOD,
    states=replace(
        STATES,
        responses=(response(task(offers=OFFERS)),),
        deliveries=(delivery(), delivery(delivery_id="d2", step=2, contact="piket")),
    ),
    requests=(request(101.5), request(117.0, message_id="d2", delivery_id="d2", contact="piket")),
    noted={
        clocks.FLAGS: [FLAG],
        clocks.JUMPS: [{"whose": "triage", "at": 105.0, "ahead": 300}],
        clocks.DURATIONS: [{"where": "recap", "name": "acceptance_seconds_p90", "seconds": 0.0}],
    },
)


def asked_next_at(at: float) -> History:
    second = request(at, message_id="d2", delivery_id="d2", contact="piket")
    return replace(CLOCKED, requests=(request(101.5), second))


def lasted(seconds: float) -> History:
    return replace(
        CLOCKED, log=(*LOG, said("x", "intake", "call/c2", 1, {"x": [{"talking_seconds": seconds}]}))
    )


CLOCKS: list[tuple[History, str]] = [
    (
        noting(CLOCKED, durations=[{"where": "recap", "name": "acceptance_seconds_p90", "seconds": -297.0}]),
        "recap: acceptance_seconds_p90 is -297.0 s",
    ),
    (lasted(-0.1), "intake's call/c2: talking_seconds is -0.1"),
    (
        noting(CLOCKED, flags=[FLAG | {"told": 0.0}]),
        "triage's clock was +300 s off and it told 0.0",
    ),
    (noting(CLOCKED, flags=[FLAG | {"told": None}]), "triage's clock was +300 s off and it told None"),
    (noting(CLOCKED, flags=[FLAG | {"said": "all is well"}]), "siaga status did not name it"),
    (noting(CLOCKED, flags=()), "no clock was looked at"),
    (asked_next_at(130.0), "asked +13.5 s off its deadline of 15 s, while dispatch's clock jumped 0 s"),
    (replace(CLOCKED, requests=(request(101.5),)), "no deadline came"),
]

# 10 ---------------------------------------------------------------------------------------------

SAVES = ({"id": "t1", "version": 2, "saves": 1}, {"id": "t1", "version": 3, "saves": 2})
CREW = replace(
    GOOD,
    inputs=replace(INPUTS, told=tuple(replace(one, intended_at=97.0) for one in INPUTS.told[:1])),
    log=GOOD_LOG,
    noted={replicas.JOURNAL: SAVES, replicas.KEPT: [{"id": "t1", "version": 7, "saves": 2}]},
)


def later(topic: str, source: str, seconds: float) -> History:
    moved = (
        replace(one, at=one.at + seconds) if (one.topic, one.source) == (topic, source) else one
        for one in GOOD_LOG
    )
    return replace(CREW, log=tuple(moved))


CREWS: list[tuple[History, str]] = [
    (noting(CREW, newer_kept=[{"id": "t1", "version": 7, "saves": None}]), "and version 7 has None"),
    (noting(CREW, newer_kept=[{"id": "t1", "version": 7, "saves": 1}]), "and version 7 has 1"),
    (noting(CREW, newer_kept=[{"id": "t1", "version": 3, "saves": 2}]), "no older program saved"),
    (noting(CREW, newer_journal=()), "no older program saved"),
    (
        noting(
            CREW,
            newer_journal=({"id": "t1", "version": 2, "saves": 1}, {"id": "t1", "version": 5, "saves": 1}),
        ),
        "response t1: the newer program counted its saves as [1, 1]",
    ),
    (later("task.updated", "dispatch", 20.0), "dispatch, of a reply: 1 of 1 waited longer than 10 s"),
    (
        later("task.assigned", "dispatch", 20.0),
        "dispatch: 1 of 1 waited longer than 10 s, the longest 22.0 s",
    ),
    (later("call.updated", "triage", 20.0), "the desk: 1 of 1 waited longer than 10 s"),
    (
        replace(CREW, requests=(request(115.0),)),
        "what is asked: 1 of 1 waited longer than 10 s, the longest 14.0 s",
    ),
]

# 14 ---------------------------------------------------------------------------------------------

STORM = (Fault("callers", "3 C", 90.0, 110.0),)


def escalated(*waits: tuple[str, float]) -> History:
    """Tell tickets of these priorities whose agency was asked after so many seconds."""
    one = INPUTS.escalated[0]
    names = [f"t{number}" for number, _ in enumerate(waits)]
    made = [replace(one, ticket_id=name, at=101.0 + number) for number, name in enumerate(names)]
    asked = [
        replace(request(two.at + wait), ticket_id=two.ticket_id)
        for two, (_, wait) in zip(made, waits, strict=True)
    ]
    tickets = [{"ticket_id": name, "priority": of} for name, (of, _) in zip(names, waits, strict=True)]
    return replace(
        BUSY,
        inputs=replace(INPUTS, escalated=tuple(made)),
        requests=tuple(asked),
        states=replace(STATES, tickets=tuple(tickets)),
    )


BUSY = replace(GOOD, log=GOOD_LOG, faults=STORM, noted={overload.CAPACITY: 0.1})
WORK: list[tuple[History, str]] = [
    (escalated(("P1", 9.0), ("P2", 8.0)), "P1 waited 9.0 s (of 1) and the rest 8.0 s (of 1)"),
    (escalated(("P1", 9.0), ("P2", 9.0)), "P1 waited 9.0 s (of 1) and the rest 9.0 s (of 1)"),
    (escalated(("P1", 9.0)), "nobody can tell who goes first"),
    (escalated(("P1", 0.5), ("P2", 60.0)), "0.00 calls/s were finished in the storm"),
    (noting(escalated(("P1", 1.0), ("P2", 8.0)), capacity=0.2), "0.10 calls/s were finished in the storm"),
    (noting(escalated(("P1", 1.0), ("P2", 8.0)), capacity=0), "no storm was seen"),
]


def found(history: History, checks: Mapping[str, Check]) -> list[str]:
    return [sentence for check in checks.values() for sentence in check(history)]


@pytest.mark.parametrize(
    ("history", "checks"),
    [
        (DISK, disks.CHECKS),
        (CLOCKED, clocks.CHECKS),
        (CREW, replicas.CHECKS),
        (escalated(("P1", 1.0), ("P2", 8.0)), overload.CHECKS),
    ],
)
def test_a_good_run_breaks_nothing(history: History, checks: Mapping[str, Check]) -> None:
    assert found(history, checks) == []


@pytest.mark.parametrize(
    ("history", "sentence", "checks"),
    [
        *((history, sentence, disks.CHECKS) for history, sentence in DISKS),
        *((history, sentence, clocks.CHECKS) for history, sentence in CLOCKS),
        *((history, sentence, replicas.CHECKS) for history, sentence in CREWS),
        *((history, sentence, overload.CHECKS) for history, sentence in WORK),
    ],
)
def test_each_violation_is_named(history: History, sentence: str, checks: Mapping[str, Check]) -> None:
    assert any(sentence in one for one in found(history, checks)), found(history, checks)


def test_a_deadline_may_be_off_by_as_much_as_dispatchs_own_clock_jumped() -> None:
    jumped: list[Json] = [{"whose": "dispatch", "at": 110.0, "ahead": -300}]
    assert found(noting(asked_next_at(400.0), jumps=jumped), {"": clocks.off_by_more}) == []
    assert found(noting(asked_next_at(440.0), jumps=jumped), {"": clocks.off_by_more}) != []


def test_the_allowed_time_to_heal_follows_from_the_backlog_and_its_rate() -> None:
    busy = replace(BUSY, log=tuple(replace(one, at=170.0) for one in LOG))  # the one call took a minute more
    assert overload.backlog(busy) == 1
    assert overload.goodput(busy) == 0.0
    assert overload.allowed_to_heal(busy) == pytest.approx(1 / (0.5 * 0.9 * 0.1))
    quick = replace(BUSY, requests=(request(101.5),))
    assert overload.allowed_to_heal(quick) == overload.NORMAL_WITHIN


def test_a_program_that_was_asked_to_end_may_end_once_for_each_time() -> None:
    asked = replace(GOOD, faults=(*GOOD.faults, Fault("triage", RESTART, 91.0, 92.0)))
    once, twice = (*GOOD.deaths, Death("triage", "0")), (*GOOD.deaths, *[Death("triage", "0")] * 2)
    assert violations(replace(asked, deaths=once)) == ()
    assert "triage ended by itself (exit 0)" in str(violations(replace(asked, deaths=twice))[0])
    assert violations(replace(GOOD, deaths=once)) != ()


def test_whoever_may_end_by_what_was_done_to_it_ends_without_a_word() -> None:
    broken = replace(GOOD, deaths=(*GOOD.deaths, Death("store", "-9"), Death("store", "1")))
    assert len(violations(broken)) == 2
    assert violations(replace(broken, may_end=frozenset({"store"}))) == ()


def test_every_history_can_be_kept_for_a_person() -> None:
    assert json.loads(json.dumps(replace(GOOD, may_end=frozenset({"store"})).as_json()))["may_end"] == [
        "store"
    ]


def test_a_replica_that_goes_explains_no_repeat() -> None:
    twice = replace(GOOD, requests=(*GOOD.requests, request(103.0)))
    gone = replace(twice, faults=(*GOOD.faults, Fault("agency-notifier", RESTART, 100.0, 104.0)))
    assert any("nothing was killed while it was under way" in str(one) for one in violations(gone))

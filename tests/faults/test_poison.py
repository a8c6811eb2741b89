"""Every way of breaking an event breaks each topic's event, and what poison did is named by the checks."""

import base64
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from service_kit.event import EventUnreadable, read_event
from shared_schemas.topics import TOPICS
from tests.faults.checks.poison import CHECKS
from tests.faults.door_poison import AT_THE_DOOR
from tests.faults.good_history import GOOD, INPUTS, TENANT, broken, escalated_at, request, said
from tests.faults.history import History
from tests.faults.letters import shows
from tests.faults.noted import DOOR, KEPT, OPENED, POISON, TAKEN_AGAIN
from tests.faults.poison import CODE_RAISES, WAYS, Raw, doses, good

PROBLEM = "application/problem+json"


def record(topic: str, raw: Raw) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord(topic, 0, 0, 0, 0, b"k", raw.value, None, 0, 0, raw.headers)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_good_event_is_read_and_broken_in_any_of_thirty_ways_it_is_not(topic: str) -> None:
    whole = good(topic, TENANT)
    assert read_event(record(topic, whole)).tenant == TENANT
    assert len(WAYS) == 30
    for way in WAYS.values():
        with pytest.raises(EventUnreadable):
            read_event(record(topic, way(whole)))


def test_a_letter_that_shows_its_record_is_seen_however_it_shows_it() -> None:
    record = b'{"caller": "0812 0000 0001"}'
    packed = json.dumps({"value": base64.b64encode(record).decode()}).encode()
    assert shows(record, b"..." + record)
    assert shows(record, packed)
    assert not shows(record, b"sealed")
    assert not shows(None, packed)


def test_a_plan_holds_every_way_and_meets_every_topic() -> None:
    chance = random.Random(1)
    planned = doses(
        lambda words: chance.sample(sorted(words), len(words)),
        tuple(TOPICS),
        ("53.03", "53.04"),
        count=2 * len(WAYS),
        begins=10,
        ends=70,
    )
    assert {one.way for one in planned} == set(WAYS)
    assert {one.topic for one in planned} == set(TOPICS)
    assert (planned[0].at, planned[-1].at) == (10.5, 69.5)


def put(way: str, place: str, at: float = 150.0) -> dict[str, Any]:
    return {
        "way": way,
        "topic": "call.updated",
        "place": place,
        "at": at,
        "digest": way,
        "buried_by": ["triage"],
    }


def opened(one: dict[str, Any], **news: Any) -> dict[str, Any]:
    letter = {
        "service": "triage",
        "topic": one["topic"],
        "place": one["place"],
        "reason": "not JSON",
        "at": one["at"] + 0.1,
        "digest": one["digest"],
        "in_the_clear": False,
    }
    return letter | news


PUT = [put(way, f"0/{number}") for number, way in enumerate((*WAYS, CODE_RAISES))]
OPEN = [opened(one) for one in PUT]
AGAIN = {"before": [409, "waiting"], "after": [[200, "redriven"]] * 2, "kept": [1, 1], "unreadable": {}}
ANSWERS = [{"way": way, "status": 400, "type": PROBLEM} for way in AT_THE_DOOR]
NOTED = {POISON: PUT, OPENED: OPEN, TAKEN_AGAIN: AGAIN, DOOR: ANSWERS, KEPT: len(AT_THE_DOOR)}


def closing(ticket: str, at: float, seconds: float) -> tuple[Any, ...]:
    ended = said("ticket.closed", "dispatch", f"ticket/{ticket}", 1, {"ticket_id": ticket})
    done = said("ticket.closed", "triage", f"ticket/{ticket}", 9, {"ticket_id": ticket, "status": "closed"})
    return replace(ended, at=at), replace(done, at=at + seconds)


def test_who_waits_on_another_partition_is_no_neighbour() -> None:
    elsewhere = tuple(replace(one, place="5/0") for one in closing("t-3", 150.0, 9.0))
    assert broken(CHECKS, replace(HELD, log=(*HELD.log, *elsewhere))) == []


def noted(**news: Any) -> History:
    return replace(HELD, noted={**NOTED, **news})


HELD = replace(
    GOOD,
    inputs=replace(INPUTS, escalated=(escalated_at(100.0, "t-1"), escalated_at(150.0, "t-2"))),
    requests=tuple(replace(request(at), ticket_id=ticket) for at, ticket in ((100.2, "t-1"), (150.2, "t-2"))),
    log=(*closing("t-1", 100.0, 0.1), *closing("t-2", 150.0, 0.1)),
    noted=NOTED,
)


def test_a_run_that_held_breaks_nothing() -> None:
    assert broken(CHECKS, HELD) == []


@pytest.mark.parametrize(
    ("history", "kind"),
    [
        (noted(**{POISON: PUT[1:]}), "tried"),
        (noted(**{OPENED: OPEN[1:]}), "dead letters"),
        (noted(**{OPENED: [opened(PUT[0], at=PUT[0]["at"] + 3), *OPEN[1:]]}), "dead letters"),
        (noted(**{OPENED: [opened(PUT[0], digest="cut"), *OPEN[1:]]}), "dead letters"),
        (noted(**{OPENED: [opened(PUT[0], reason=""), *OPEN[1:]]}), "dead letters"),
        (noted(**{OPENED: [opened(PUT[0], in_the_clear=True), *OPEN[1:]]}), "dead letters"),
        (replace(HELD, requests=(HELD.requests[0], replace(HELD.requests[1], at=151.0))), "neighbours"),
        (replace(HELD, log=(*closing("t-1", 100.0, 0.1), *closing("t-2", 150.0, 0.6))), "neighbours"),
        (noted(**{TAKEN_AGAIN: AGAIN | {"before": [200, "redriven"]}}), "taken again"),
        (noted(**{TAKEN_AGAIN: AGAIN | {"after": [[200, "redriven"], [409, "waiting"]]}}), "taken again"),
        (noted(**{TAKEN_AGAIN: AGAIN | {"kept": [1, 2]}}), "taken again"),
        (noted(**{TAKEN_AGAIN: AGAIN | {"unreadable": {"triage": [500, "waiting"]}}}), "taken again"),
        (noted(**{DOOR: [ANSWERS[0] | {"status": 500}, *ANSWERS[1:]]}), "door"),
        (noted(**{DOOR: [ANSWERS[0] | {"type": "text/plain"}, *ANSWERS[1:]]}), "door"),
        (noted(**{KEPT: 1}), "door"),
    ],
)
def test_each_harm_is_named(history: History, kind: str) -> None:
    assert broken(CHECKS, history) == [kind]

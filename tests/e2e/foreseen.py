"""Which hour to replay: one in which callers tell of one fire, and agencies decline, are silent, press links.

What the demo's people do follows from the ids of calls, and those from the second at which the hour ends.
So an hour that ends a few seconds ago is as good as one that ends now, and shows everything for certain.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from shared_schemas.identifiers import derived_id
from siaga_demo import people
from siaga_demo.decisions import Decision, decide
from siaga_demo.phrases import Phrases, read_phrases
from siaga_demo.plans import Manner, plan_for
from siaga_demo.recording import read_recording, shift_for
from siaga_demo.replay import Hour, keep_hour
from tests.e2e.system import HOUR, ROOT
from tests.e2e.truth import true_calls

TRUNK_OF = {"53.03": "pbx-ttu", "53.71": "pbx-kupang"}
FIRST_POST, SECOND_POST = "posko", "piket"
"""The ladder of the demo's agencies: a system of their own, then somebody who reads mails."""
CALLERS_OF_A_FIRE = 5
"""So many that some call while the ticket of the first is open: they join it."""
URGENT = "P1"
"""Only where help is needed at once a demo agency may stay silent."""


class Course(NamedTuple):
    """How an agency will take an urgent request: both its posts, and the first of who stands in for it."""

    first: Manner
    second: Manner
    stand_in: Manner

    @property
    def is_silent_to_the_end(self) -> bool:
        """Whether nobody at all answers for the agency."""
        return self.first is self.second is Manner.SILENT


@dataclass(frozen=True, slots=True)
class Town:
    """What the demo's call takers of one tenant have to do with."""

    tenant: str
    types: dict[str, Any]
    agencies: dict[str, Any]


def foresee_everything(home: Path) -> None:
    """Keep, before the first start, an hour in which everything happens that agencies can do."""
    recording = read_recording(HOUR / "queue_log")
    latest = shift_for(recording, time.time(), live=False, earlier=())
    shift = next(latest - seconds for seconds in count() if _shows_everything(latest - seconds))
    keep_hour(home / "demo" / "replay.json", Hour(shift, begins_at_byte=0, run=""))


def _shows_everything(shift: int) -> bool:
    """Whether a fire has many callers, and there is each course, none of them with a silent stand-in."""
    decided = list(_decided(shift))
    fires = Counter((town.tenant, one.fire) for town, _, one in decided if one.fire)
    courses = {course for town, call_id, one in decided for course in _courses(town, call_id, one)}
    ended = [course for course in courses if course.is_silent_to_the_end]
    return (
        max(fires.values(), default=0) >= CALLERS_OF_A_FIRE
        and any(course.first is Manner.DECLINES for course in courses)
        and any((course.first, course.second) == (Manner.SILENT, Manner.HELPS) for course in courses)
        and bool(ended)
        and all(course.stand_in is not Manner.SILENT for course in ended)
    )


def _decided(shift: int) -> Iterator[tuple[Town, str, Decision]]:
    """Yield what the call takers will decide about every answered call."""
    phrases = _phrases()
    for call in true_calls(shift).values():
        if call.outcome == "answered":
            call_id = derived_id(call.tenant, "call", TRUNK_OF[call.tenant], call.exchange_call_id)
            takers = people.TAKERS[call.tenant]
            decision = decide(phrases, seed=people.SEED, tenant=call.tenant, call_id=call_id, takers=takers)
            yield _town(call.tenant), call_id, decision


def _courses(town: Town, call_id: str, decision: Decision) -> Iterator[Course]:
    """Yield how the agencies of a call's own ticket will take it."""
    if decision.story is None or not _asks_at_once(town, decision):
        return
    ticket_id = derived_id(town.tenant, "ticket", call_id, "1")
    escalation_id = derived_id(town.tenant, "escalation", ticket_id, "1")
    for agency in town.types[decision.story.incident_type]["agencies"]:
        yield _course(town, agency, derived_id(town.tenant, "task", ticket_id, escalation_id, agency))


def _asks_at_once(town: Town, decision: Decision) -> bool:
    """Whether a call becomes an urgent ticket of its own; who is first to tell of a fire, nobody knows."""
    if decision.story is None or decision.fire or decision.closing_reason:
        return False
    usual = town.types[decision.story.incident_type]["priority"]
    return (decision.story.priority or usual) == URGENT


def _course(town: Town, agency: str, task_id: str) -> Course:
    """Return what an agency's posts do, each by what it is told: a mail names its message, not the task."""
    mail_id = derived_id(town.tenant, "delivery", task_id, "2")
    stand_ins = town.agencies[agency].get("substitutes", ())[:1]
    asked = [derived_id(town.tenant, "stand-in", task_id, one, "1") for one in stand_ins]
    return Course(
        _manner(task_id, FIRST_POST),
        _manner(mail_id, SECOND_POST),
        _manner(asked[0], FIRST_POST) if asked else Manner.HELPS,
    )


def _manner(key: str, post: str) -> Manner:
    return plan_for(seed=people.SEED, task_id=key, contact=post, answer_within_seconds=0).manner


@cache
def _phrases() -> Phrases:
    return read_phrases(ROOT / "demo" / "phrases")


@cache
def _town(tenant: str) -> Town:
    read = yaml.safe_load((ROOT / "tenants" / f"{tenant}.yaml").read_text("utf-8"))
    types = {one["code"]: one for one in read["incident_types"]}
    return Town(tenant, types, {one["id"]: one for one in read["agencies"]})

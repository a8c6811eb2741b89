"""What the demo's agencies do when they are asked. Pure: the same task and contact give the same plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared_schemas.vocabulary import ReplyKind
from siaga_demo.dice import Dice

SILENCE_UP_TO_SECONDS = 90
"""Who has longer than this to answer always does: nobody wants to watch a silent hour."""

DECLINES, STAYS_SILENT = 0.12, 0.12
REASONS = (
    "semua armada sedang keluar",
    "bukan kewenangan kami",
    "jalan ke lokasi terputus",
    "personel tidak cukup",
)


class Manner(StrEnum):
    """How a contact takes a request."""

    HELPS = "helps"
    DECLINES = "declines"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Step:
    """One reply, so many real seconds after the request came."""

    reply: ReplyKind
    after_seconds: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one contact does about one task; a silent one has no steps."""

    manner: Manner
    steps: Sequence[Step]


def plan_for(*, seed: str, task_id: str, contact: str, answer_within_seconds: float) -> Plan:
    """Decide how a contact takes a request: most help, some decline, some stay silent."""
    dice = Dice(seed, task_id, contact)
    share = dice.share("manner")
    asked = dice.between("answers", 5, 25)
    if share < STAYS_SILENT and answer_within_seconds <= SILENCE_UP_TO_SECONDS:
        return Plan(Manner.SILENT, ())
    if STAYS_SILENT <= share < STAYS_SILENT + DECLINES:
        return Plan(Manner.DECLINES, (Step(ReplyKind.DECLINED, asked, dice.pick("reason", REASONS)),))
    leaves = asked + dice.between("leaves", 20, 60)
    arrives = leaves + dice.between("arrives", 180, 480)
    ends = arrives + dice.between("ends", 240, 720)
    steps = (
        Step(ReplyKind.ACCEPTED, asked),
        Step(ReplyKind.EN_ROUTE, leaves),
        Step(ReplyKind.ON_SCENE, arrives),
        Step(ReplyKind.DONE, ends),
    )
    return Plan(Manner.HELPS, steps)

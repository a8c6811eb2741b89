"""Who goes first where calls wait: who calls for the first time, before who called a moment ago and calls again.

A control of order and nothing else (A10): nobody is refused, and whom an agent answered waits behind nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Self

from intake.domain.facts import FactKind

FIRST_TURN, LAST_TURN = 0, 9
QUIET = timedelta(minutes=5)
"""Who has not called for so long calls for the first time again."""

SPOKEN_WITH = frozenset({FactKind.ANSWERED, FactKind.TRANSFERRED})


class Lane(Enum):
    """By which of two ways a call leaves the spool."""

    FIRST = "first"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Rung:
    """How often one number called in a row before its last call, and when that was, by the server's clock."""

    turn: int
    at: datetime

    @classmethod
    def first(cls, at: datetime) -> Self:
        """Nobody remembers an earlier call."""
        return cls(FIRST_TURN, at)

    def again(self, at: datetime) -> Self:
        """The same number calls once more: each call in a row waits behind those who called less often."""
        quiet = at - self.at >= QUIET
        return type(self)(FIRST_TURN if quiet else min(self.turn + 1, LAST_TURN), at)


def lane_of(turn: int) -> Lane:
    """Return by which way a call with this turn leaves the spool."""
    return Lane.FIRST if turn == FIRST_TURN else Lane.AGAIN

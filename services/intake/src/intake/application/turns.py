"""Whose turn it is: from memory of who called a moment ago, bounded; after a restart everybody is first."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TypeVar

from intake.domain.facts import Told
from intake.domain.turn import FIRST_TURN, SPOKEN_WITH, Rung

MOST = 20_000
Key = TypeVar("Key")
Value = TypeVar("Value")


class Turns:
    """Knows of each call how many calls of the same number came just before it."""

    def __init__(self, *, most: int = MOST) -> None:
        """Remember so many calls and callers; the longest unheard leave first."""
        self._calls: OrderedDict[str, int] = OrderedDict()
        self._callers: OrderedDict[int, Rung] = OrderedDict()
        self._most = most

    def of(self, told: Iterable[Told]) -> Mapping[str, int]:
        """Return the turns of those calls that have to wait behind others, by their ids."""
        turns = {one.fact.call.call_id: self._turn(one) for one in told}
        return {call_id: turn for call_id, turn in turns.items() if turn != FIRST_TURN}

    def _turn(self, told: Told) -> int:
        call_id = told.fact.call.call_id
        turn = self._calls.get(call_id)
        if told.fact.kind in SPOKEN_WITH:
            turn = FIRST_TURN
        elif turn is None:
            turn = self._turn_of_caller(told)
        _remember(self._calls, call_id, turn, self._most)
        return turn

    def _turn_of_caller(self, told: Told) -> int:
        """Count a new call of its caller; one whose number is withheld is always the first of somebody."""
        number = told.caller.same_number if told.caller else ""
        if not number:
            return FIRST_TURN
        caller = hash((told.fact.call.tenant, number))  # keyed anew in each process: no number is kept
        rung, at = self._callers.get(caller), told.fact.recorded_at
        rung = Rung.first(at) if rung is None else rung.again(at)
        _remember(self._callers, caller, rung, self._most)
        return rung.turn


def _remember(memory: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > most:
        memory.popitem(last=False)

"""What really happened in the recorded hour, and what a queue log can know of it."""

import json
from dataclasses import dataclass
from typing import Any

from tests.e2e.system import HOUR

TENANT_OF_QUEUE = {"ttu112": "53.03", "kupang112": "53.71"}
CUT = {"cut_in_queue", "cut_in_menu"}


@dataclass(frozen=True, slots=True)
class TrueCall:
    """One call as the recording's truth tells it."""

    exchange_call_id: str
    tenant: str
    number: str
    outcome: str
    detail: str
    waiting_seconds: float | None
    talking_seconds: float | None
    agent: str | None
    ended_by: str | None

    @property
    def was_cut(self) -> bool:
        """Whether the restart of the exchange ended it."""
        return self.detail in CUT or self.ended_by == "cut_by_restart"


def true_calls(shift: int) -> dict[str, TrueCall]:
    """Return the 171 calls that a queue log can know, by the ids that the replay wrote."""
    lines = [json.loads(line) for line in (HOUR / "truth.jsonl").read_text().splitlines()]
    calls = [_call(line, shift) for line in lines if "queue_log" in line["seen_by"]]
    return {call.exchange_call_id: call for call in calls}


def unseen_numbers() -> int:
    """Count the calls that never appear in a queue log."""
    lines = (HOUR / "truth.jsonl").read_text().splitlines()
    return sum("queue_log" not in json.loads(line)["seen_by"] for line in lines)


def every_number_and_name() -> set[str]:
    """Return every caller's number and name that the recording holds, long enough to be told apart."""
    lines = [json.loads(line) for line in (HOUR / "truth.jsonl").read_text().splitlines()]
    values = {str(line[key]) for line in lines for key in ("number", "name") if line[key]}
    return {value for value in values if len(value) >= 7 and value != "anonymous"}


def _call(line: dict[str, Any], shift: int) -> TrueCall:
    epoch, _, rest = str(line["uniqueid"]).partition(".")
    return TrueCall(
        exchange_call_id=f"{int(epoch) + shift}.{rest}",
        tenant=TENANT_OF_QUEUE[line["queue"]],
        number=str(line["number"]),
        outcome=line["outcome"],
        detail=line["detail"],
        waiting_seconds=line["wait_seconds"],
        talking_seconds=line["talk_seconds"],
        agent=line["agent"],
        ended_by=line["ended_by"],
    )

"""What really happened in the recorded hour, and what a queue log can know of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.system import HOUR

TENANT_OF_QUEUE = {"ttu112": "53.03", "kupang112": "53.71"}
CENTRAL = ZoneInfo("Asia/Makassar")
CUT = {"cut_in_queue", "cut_in_menu"}


@dataclass(frozen=True, slots=True)
class TrueCall:
    """One call as the recording's truth tells it."""

    exchange_call_id: str
    tenant: str
    started_at: float
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


def month_of(call: TrueCall) -> str:
    """Return the local month of a call; both regencies live by one clock."""
    return f"{datetime.fromtimestamp(call.started_at, CENTRAL):%Y-%m}"


def unseen_numbers() -> int:
    """Count the calls that never appear in a queue log."""
    lines = (HOUR / "truth.jsonl").read_text().splitlines()
    return sum("queue_log" not in json.loads(line)["seen_by"] for line in lines)


def every_number() -> set[str]:
    """Return every caller's number that the recording holds, long enough to be told apart; it has no names."""
    lines = [json.loads(line) for line in (HOUR / "truth.jsonl").read_text().splitlines()]
    assert not any(line["name"] for line in lines)
    return {line["number"] for line in lines if len(line["number"]) >= 7 and line["number"].isdecimal()}


def _call(line: dict[str, Any], shift: int) -> TrueCall:
    epoch, _, rest = str(line["uniqueid"]).partition(".")
    return TrueCall(
        exchange_call_id=f"{int(epoch) + shift}.{rest}",
        tenant=TENANT_OF_QUEUE[line["queue"]],
        started_at=line["started_at"] + shift,
        number=str(line["number"]),
        outcome=line["outcome"],
        detail=line["detail"],
        waiting_seconds=line["wait_seconds"],
        talking_seconds=line["talk_seconds"],
        agent=line["agent"],
        ended_by=line["ended_by"],
    )

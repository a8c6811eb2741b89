"""What intake says of a call."""

from datetime import datetime, timedelta

from intake.domain.call import Call
from intake.domain.call_record import CallRecord
from shared_schemas.events import CallState

RECEIVED, UPDATED = "call.received", "call.updated"
LONGEST_LABEL = 200


def call_said(record: CallRecord, now: datetime) -> CallState:
    """Tell a call's whole public state."""
    return call_state(record.call, now)


def call_state(call: Call, recorded_at: datetime) -> CallState:
    """Write a call in the words of the contract."""
    return CallState(
        tenant=call.key.tenant,
        recorded_at=recorded_at,
        call_id=call.key.call_id,
        trunk=call.key.trunk[:LONGEST_LABEL],
        exchange_call_id=call.key.exchange_call_id[:LONGEST_LABEL],
        channel=call.channel,
        stage=call.stage,
        outcome=call.outcome,
        detail=call.detail,
        queue=call.queue[:LONGEST_LABEL],
        agent=call.agent[:LONGEST_LABEL],
        started_at=call.started_at,
        queued_at=call.queued_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        waiting_seconds=_seconds(call.waiting),
        ringing_seconds=_seconds(call.ringing),
        talking_seconds=_seconds(call.talking),
        ended_by=call.ended_by,
        transfers=call.transfers,
        queues=tuple(queue[:LONGEST_LABEL] for queue in call.queues),
        agents_rung_without_answer=tuple(one[:LONGEST_LABEL] for one in call.agents_rung_without_answer),
        caller=call.caller,
        caller_ref=call.caller_ref,
        story=call.story,
        witnesses=tuple(call.witnesses),
        notes=tuple(call.notes),
    )


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else max(0.0, duration.total_seconds())

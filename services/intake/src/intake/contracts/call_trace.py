"""The trace of a call: every word about it is heard in one trace, whoever brings it and whenever."""

from uuid import UUID

from intake.domain.facts import CallKey


def call_trace(call: CallKey) -> str:
    """Return the W3C trace context of a call: its trace id is the call's id, without the hyphens.

    So nobody has to remember which trace a call is in: not the spool, not another replica, not a
    process that was killed. The trace's root is the call itself, a span that nobody writes.
    """
    trace_id = UUID(call.call_id).hex
    return f"00-{trace_id}-{trace_id[16:]}-01"

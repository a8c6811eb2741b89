"""What people send to intake, and what they are shown."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints

from intake.contracts.calls import call_state
from intake.domain.call import Call
from intake.domain.facts import Caller, Fact
from service_kit.http import Body
from service_kit.moment import Moment
from service_kit.store import Kept
from shared_schemas.vocabulary import Channel


class ReportIn(Body):
    """A contact that a person types in."""

    number: Annotated[str, StringConstraints(max_length=60)] = ""
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    story: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    channel: Channel = Channel.PHONE
    occurred_at: Moment | None = Field(default=None, description="When; now if not given.")

    @property
    def caller(self) -> Caller:
        """Who reports, and what they said."""
        return Caller(self.number, self.name, self.story)


class FactOut(BaseModel):
    """One line of a call's timeline: a fact, as its witness told it."""

    at: datetime
    occurred_at: datetime
    what: str
    by: str
    why: str
    trace_id: str

    @classmethod
    def of(cls, fact: Fact, trace_id: str) -> Self:
        """Show one fact, without who calls."""
        parts = (fact.queue, fact.agent, fact.exit, fact.ended_by)
        return cls(
            at=fact.recorded_at,
            occurred_at=fact.occurred_at,
            what=f"call.{fact.kind}",
            by=fact.witness,
            why=" · ".join(str(part) for part in parts if part),
            trace_id=trace_id,
        )


def shown(call: Call, **more: Any) -> dict[str, Any]:
    """Return a call as JSON: its public state, personal data only as being there."""
    state = call_state(call, call.recorded_at).model_dump(mode="json", exclude={"desk"})
    sealed = {name: {"sealed": True} for name in ("caller", "story") if state[name] is not None}
    return {**state, "hung_up_first": call.hung_up_first, **sealed, **more}


def shown_kept(kept: Kept[Any]) -> dict[str, Any]:
    """Return a kept call as JSON with its version and trace."""
    return shown(kept.state.call, version=kept.version, traceparent=kept.traceparent)


def shown_unsettled(call: Call, **more: Any) -> dict[str, Any]:
    """Return a call that the store does not know yet: version 0, and who calls is still in the spool."""
    return shown(call, version=0, traceparent="", **more)


def timeline(facts: Iterable[Fact], trace_id: str = "") -> list[FactOut]:
    """Return facts in the order of their clocks."""
    return [FactOut.of(fact, trace_id) for fact in facts]

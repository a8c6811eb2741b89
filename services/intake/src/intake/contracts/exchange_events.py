"""What any telephone exchange may say of a call over HTTP, whatever its make."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from intake.contracts.moment import Moment
from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told, Trunk, Witness
from shared_schemas.vocabulary import EndedBy

LONGEST_NAME = 200
LONGEST_TARGET = 6
"""Longer targets may be a person's number, and are left out."""


def _said(value: object) -> object:
    return "" if value is None else value


Label = Annotated[str, StringConstraints(max_length=LONGEST_NAME), BeforeValidator(_said)]
"""A word of the exchange's; many send null where there is none, as for a withheld number."""
Seconds = Annotated[float, Field(ge=0, le=7 * 86_400, allow_inf_nan=False)]


def _known_ender(value: object) -> object:
    known = {by.value for by in EndedBy}
    return EndedBy.UNKNOWN if isinstance(value, str) and value not in known else value


Ender = Annotated[EndedBy, BeforeValidator(_known_ender)]
"""Who hung up; an unknown word must not cost the end of a call."""


class ExchangeEventKind(StrEnum):
    """What can happen to a call at an exchange."""

    RINGING = "ringing"
    QUEUED = "queued"
    ANSWERED = "answered"
    TRANSFERRED = "transferred"
    ENDED = "ended"
    ABANDONED = "abandoned"


class ExchangeEvent(BaseModel):
    """One event of one call; unknown fields are ignored, unknown events are kept and counted."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    event: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="ringing, queued, answered, transferred, ended or abandoned."
    )
    call_id: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)] = Field(
        description="The exchange's own id of the call, unique for ever on this trunk."
    )
    occurred_at: Moment = Field(description="By the exchange's clock, with its offset from UTC.")
    queue: Label = ""
    agent: Label = Field(default="", description="Who answered, as the exchange names them.")
    number: Label = Field(default="", description="The caller's number; empty where it is withheld.")
    name: Label = ""
    ended_by: Ender | None = Field(default=None, description="Who hung up.")
    waiting_seconds: Seconds | None = Field(default=None, description="The exchange's own count.")
    ringing_seconds: Seconds | None = None
    talking_seconds: Seconds | None = None
    target: Label = Field(default="", description="Where a transferred call went.")

    @property
    def kind(self) -> ExchangeEventKind | None:
        """Which of the known events this is, or None."""
        known = {kind.value for kind in ExchangeEventKind}
        return ExchangeEventKind(self.event) if self.event in known else None


def told_by(event: ExchangeEvent, kind: ExchangeEventKind, trunk: Trunk, recorded_at: datetime) -> Told:
    """Turn an event into a fact: the same event sent again is the same fact."""
    key = CallKey(trunk.tenant, trunk.id, event.call_id)
    fact_kind = FactKind(kind.value)
    apart = (event.occurred_at.isoformat(), event.queue, event.agent)
    fact = Fact(
        id=Fact.identify(key, fact_kind, Witness.EVENTS_API, *apart),
        call=key,
        kind=fact_kind,
        witness=Witness.EVENTS_API,
        occurred_at=event.occurred_at,
        recorded_at=recorded_at,
        queue=event.queue,
        agent=event.agent,
        waiting=_duration(event.waiting_seconds),
        ringing=_duration(event.ringing_seconds),
        talking=_duration(event.talking_seconds),
        ended_by=event.ended_by,
        target=event.target if len(event.target) <= LONGEST_TARGET else "",
    )
    caller = Caller(event.number, event.name)
    return Told(fact, caller or None)


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)

"""What any telephone exchange may say of a call over HTTP, whatever its make.

Only what identifies the fact may refuse it; any other field that cannot be used is left out, and said.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told, Trunk, Witness
from service_kit.event import EventUnreadable, read_json
from service_kit.moment import Moment
from shared_schemas.vocabulary import EndedBy

IDENTIFYING = frozenset({"event", "call_id", "occurred_at"})
"""Without these nobody knows what happened to which call, nor whether it was told before."""

DEEPEST = 8

LONGEST_NAME = 200
LONGEST_TARGET = 6
"""Longer targets may be a person's number, and are left out."""


def _as_text(value: object) -> object:
    if value is None:
        return ""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return str(value) if is_number else value


AsText = BeforeValidator(_as_text)
"""Programs that take ids and numbers for counts send them so: the digits are the same."""

Label = Annotated[str, StringConstraints(max_length=LONGEST_NAME), AsText]
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
    call_id: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), AsText] = Field(
        description="The exchange's own id of the call, unique for ever on this trunk; a number is its text."
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


@dataclass(frozen=True, slots=True)
class Understood:
    """An event, and the names of those of its fields that could not be used."""

    event: ExchangeEvent
    left_out: tuple[str, ...] = ()


def understood(raw: bytes, *, largest: int) -> Understood:
    """Read an event. A field that does not identify it never costs the call: it is left out.

    Raises:
        EventUnreadable: it is no JSON, or larger than so many bytes.
        ValidationError: what identifies the event is missing or foolish.
    """
    said = _json_of(raw, largest)
    try:
        return Understood(ExchangeEvent.model_validate(said))
    except ValidationError as error:
        wrong = {str(one["loc"][0]) if one["loc"] else "" for one in error.errors(include_url=False)}
        if not isinstance(said, dict) or wrong & IDENTIFYING:
            raise
    usable = {name: value for name, value in said.items() if name not in wrong}
    return Understood(ExchangeEvent.model_validate(usable), tuple(sorted(wrong)))


def _json_of(raw: bytes, largest: int) -> object:
    """Read strict JSON, but for letters that are none: these cost the field in which they stand.

    Numbers with a point keep their spelling: `1795418172.1` and `1795418172.10` are two calls.
    """
    text = raw.decode("utf-8", "surrogateescape")
    try:
        read_json(text.encode("utf-8", "replace"), largest=largest, deepest=DEEPEST)
    except EventUnreadable as error:
        if not isinstance(error.__cause__, UnicodeEncodeError):  # an escape that is half a letter
            raise
    said: object = json.loads(text, parse_float=Decimal)
    return said


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

"""A response as the API shows it: public state, clocks, and personal data only on demand."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dispatch.contracts import response_state
from dispatch.domain.deeds import possible
from dispatch.domain.facts import Brief
from dispatch.domain.response import Response
from service_kit.store import Kept
from service_kit.vault import Purpose, Unopened, Vault
from shared_schemas.sealed import Sealed, SealedField

SEALED = {"sealed": True}
_STRUCTURED = (SealedField.CALLER, SealedField.POINT)

Opened = Mapping[SealedField, Any]
"""What is shown of each sealed field of a brief: the value, null where it was erased."""


def shown(
    response: Response,
    *,
    version: int,
    traceparent: str,
    now: datetime,
    opened: Opened | None = None,
    agency: str | None = None,
) -> dict[str, Any]:
    """Return a response as JSON; an agency sees its own tasks only."""
    state = response_state(response, now).model_dump(mode="json", exclude={"recorded_at"})
    state["brief"] = _brief(state["brief"], opened or {})
    state["tasks"] = [
        {**told, "seconds_left": _seconds_left(task.due_at, now), "possible": possible(response, task)}
        for task, told in zip(response.tasks, state["tasks"], strict=True)
        if agency in (None, task.agency)
    ]
    if agency is not None:
        for name in ("supervisor_calls", "supervisor_called_at"):
            state.pop(name)
        return {**state, "version": version, "traceparent": traceparent}
    clocks = {
        "next_due_at": response.next_due_at,
        "seconds_left": _seconds_left(response.next_due_at, now),
        "disposition": response.disposition,
        "opened_at": response.opened_at,
    }
    return {**state, **clocks, "version": version, "traceparent": traceparent}


def timeline(kept: Kept[Response]) -> list[dict[str, Any]]:
    """Return every step: what, when by device and by server, who, why, trace id."""
    return [asdict(step) for step in kept.timeline]


async def open_brief(vault: Vault, tenant: str, brief: Brief, *, by: str) -> Opened:
    """Open a brief's sealed fields for somebody who is looking; each opening is written down."""
    sealed = [(field, value) for field, value in _sealed_fields(brief).items() if value is not None]
    asked = [(field.value, value) for field, value in sealed]
    values = await vault.open_many(tenant, asked, purpose=Purpose.DISPLAY, by=by)
    return {field: _readable(field, value) for (field, _), value in zip(sealed, values, strict=True)}


def _sealed_fields(brief: Brief) -> dict[SealedField, Sealed | None]:
    return {
        SealedField.CALLER: brief.caller,
        SealedField.STORY: brief.story,
        SealedField.PLACE: brief.place.description,
        SealedField.POINT: brief.place.point,
    }


def _readable(field: SealedField, value: str | Unopened) -> Any:
    if isinstance(value, Unopened):
        return None
    if field not in _STRUCTURED:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _brief(told: dict[str, Any], opened: Opened) -> dict[str, Any]:
    place = dict(told["place"])
    place["description"] = _value(place.get("description"), SealedField.PLACE, opened)
    place["point"] = _value(place.get("point"), SealedField.POINT, opened)
    return {
        **told,
        "place": place,
        "story": _value(told.get("story"), SealedField.STORY, opened),
        "caller": _value(told.get("caller"), SealedField.CALLER, opened),
    }


def _value(told: object, field: SealedField, opened: Opened) -> Any:
    if told is None:
        return None
    return opened.get(field, SEALED)


def _seconds_left(due_at: datetime | None, now: datetime) -> float | None:
    return None if due_at is None else (due_at - now).total_seconds()

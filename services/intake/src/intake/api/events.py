"""The doorway for telephone exchanges of any make: signed events, kept before they are answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError

from intake.application.ports import Arrival, Clock, Refused, SpoolUnwritable, TrunkDirectory
from intake.application.take_facts import TakeFacts
from intake.contracts.exchange_events import ExchangeEvent, told_by
from intake.domain.facts import Trunk
from service_kit.event import EventUnreadable, read_json
from service_kit.http import Problem
from service_kit.secrets import SecretNameRefused, SecretUnavailable
from service_kit.signing import SignatureRefused, verify

LARGEST_BODY_BYTES = 65_536
DEEPEST = 8

_DESCRIBED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ExchangeEvent.model_json_schema()}},
    },
    "parameters": [
        {"name": name, "in": "header", "required": True, "description": what, "schema": {"type": "string"}}
        for name, what in (
            ("webhook-id", "The event's own id, the same for every repeat."),
            ("webhook-timestamp", "When it was signed, in seconds since 1970; five minutes are allowed."),
            ("webhook-signature", "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."),
        )
    ],
}
"""The body and the signature are read by hand, so they are described by hand."""

SecretsOf = Callable[[str], Sequence[bytes]]
"""Returns all values of a named secret in force."""


@dataclass(frozen=True, slots=True)
class ExchangeDoor:
    """What the doorway for exchanges uses."""

    take: TakeFacts
    trunks: TrunkDirectory
    secrets_of: SecretsOf
    clock: Clock


def router(door: ExchangeDoor) -> APIRouter:
    """Return the doorway."""
    doors = APIRouter(tags=["exchange events"])

    @doors.post(
        "/v1/tenants/{tenant}/trunks/{trunk}/events",
        status_code=HTTPStatus.ACCEPTED,
        openapi_extra=_DESCRIBED,
    )
    async def post_event(tenant: str, trunk: str, request: Request) -> dict[str, Any]:
        """Take one event of one call, signed by the trunk's secret (Standard Webhooks).

        202 means that it is on the disk. The same event again is dull. 503 means: send it again.
        """
        raw = await request.body()
        source = f"events_api/{tenant}/{trunk}"[:120]
        try:
            _prove(door, tenant, trunk, request, raw)
        except Problem:
            await _keep_refused(door, Refused(source, "not_authenticated", raw))
            raise
        known = door.trunks.trunk(tenant, trunk) or Trunk(tenant, trunk)
        return await _take(door, known, source, raw)

    return doors


def _prove(door: ExchangeDoor, tenant: str, trunk: str, request: Request, raw: bytes) -> None:
    """Let in who signed with this trunk's secret; an unknown trunk looks like a wrong signature."""
    try:
        verify(door.secrets_of(f"trunks/{tenant}/{trunk}"), request.headers, raw, door.clock())
    except (SignatureRefused, SecretUnavailable, SecretNameRefused) as error:
        detail = "The signature does not prove this trunk, or is older than five minutes. Sign it anew."
        raise Problem(HTTPStatus.UNAUTHORIZED, "signature_refused", detail) from error


async def _take(door: ExchangeDoor, trunk: Trunk, source: str, raw: bytes) -> dict[str, Any]:
    try:
        event = ExchangeEvent.model_validate(read_json(raw, largest=LARGEST_BODY_BYTES, deepest=DEEPEST))
    except (EventUnreadable, ValidationError) as error:
        await _keep_refused(door, Refused(source, "malformed", raw, trunk.tenant))
        raise _malformed(error) from None
    kind = event.kind
    if kind is None:
        arrival = Arrival(
            source=source,
            refused=[Refused(source, "unknown_event", raw, trunk.tenant)],
            counted={"UNKNOWN_EVENT": 1},
        )
        await _keep(door, arrival)
        return {"taken": False, "why": f"the event {event.event!r} is not known; it is kept and counted"}
    told = told_by(event, kind, trunk, door.clock())
    await _keep(door, Arrival(source=source, told=[told]))
    return {"taken": True, "call_id": told.fact.call.call_id}


def _malformed(error: EventUnreadable | ValidationError) -> Problem:
    """Say which fields are wrong, never what stood in them."""
    if isinstance(error, EventUnreadable):
        return Problem(HTTPStatus.BAD_REQUEST, "unreadable", f"The body is {error}.")
    wrong = [
        {"field": ".".join(map(str, one["loc"])), "message": one["msg"]}
        for one in error.errors(include_input=False, include_context=False, include_url=False)
    ]
    detail = "The event does not fit: " + "; ".join(f"{one['field']}: {one['message']}" for one in wrong[:3])
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, errors=wrong[:20])


async def _keep_refused(door: ExchangeDoor, refused: Refused) -> None:
    """Keep what is refused, sealed; a full spool must not turn a refusal into something else."""
    try:
        await door.take(Arrival(source=refused.source, refused=[refused]))
    except SpoolUnwritable:
        return


async def _keep(door: ExchangeDoor, arrival: Arrival) -> None:
    try:
        await door.take(arrival)
    except SpoolUnwritable as error:
        raise spool_unwritable() from error


def spool_unwritable() -> Problem:
    """Return the answer while the spool cannot keep anything: nothing was kept, send it again."""
    detail = "Nothing was kept: the spool cannot be written now. Send the same again."
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "spool_unwritable", detail, headers={"Retry-After": "1"})

"""The doorway for telephone exchanges of any make: signed events, kept before they are answered.

What is refused is kept too, sealed: a wrong secret on our side must not cost anybody's call for help.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, NoReturn

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from intake.application.ports import Arrival, Clock, Refused, SpoolUnwritable, TrunkDirectory
from intake.application.take_facts import TakeFacts
from intake.contracts.exchange_events import ExchangeEvent, Understood, told_by, understood
from intake.domain.facts import Trunk
from service_kit.event import EventUnreadable
from service_kit.http import Problem
from service_kit.secrets import SecretMissing, SecretNameRefused, SecretUnavailable
from service_kit.signing import SignatureRefused, SigningSecretUnusable, verify
from service_kit.telemetry import logger

LOG = logger(__name__)

LARGEST_BODY_BYTES = 16_384
"""An event of one call is a few hundred bytes."""

KEPT_OF_STRANGERS_BYTES = 4_096
"""Whoever proves nothing cannot fill the disk: the beginning is kept, which is all of any real event."""

WHOLE_WITHIN_SECONDS = 10.0
"""Whoever needs longer for a few hundred bytes holds a place that others need."""

SIGNED_WITHIN = timedelta(minutes=15)
"""Three times what the standard allows: the exchange's clock may lie, and ours. An old event said again is dull."""

PATH = re.compile(r"/v1/tenants/[^/]+/trunks/[^/]+/events")
"""The doorway reads these bodies itself (`service_kit.http.take_raw_bodies`)."""

_DESCRIBED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ExchangeEvent.model_json_schema()}},
    },
    "parameters": [
        {"name": name, "in": "header", "required": True, "description": what, "schema": {"type": "string"}}
        for name, what in (
            ("webhook-id", "The event's own id, the same for every repeat."),
            ("webhook-timestamp", "When it was signed, in seconds since 1970; fifteen minutes are allowed."),
            ("webhook-signature", "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."),
        )
    ],
}
"""The body and the signature are read by hand, so they are described by hand."""

SecretsOf = Callable[[str], Sequence[bytes]]
"""Returns all values of a named secret in force."""

HearTime = Callable[[str, datetime], None]
"""Takes the time that a named source's own clock tells, to compare it with ours."""


@dataclass(frozen=True, slots=True)
class ExchangeDoor:
    """What the doorway for exchanges uses."""

    take: TakeFacts
    trunks: TrunkDirectory
    secrets_of: SecretsOf
    clock: Clock
    hear_time: HearTime


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

        202 means that it is on the disk. The same event again is dull. 503 means: send it again. A field
        that cannot be used is left out and named in `left_out`; only event, call_id and occurred_at refuse.
        """
        raw, too_large = await _read(request)
        stranger = _stranger(door, tenant, trunk, raw)
        if too_large:
            detail = f"The body is larger than {LARGEST_BODY_BYTES} bytes."
            problem = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
            await _refuse(door, stranger("too_large"), problem)
        if not _is_proven(door, tenant, trunk, request, raw):
            detail = (
                "The signature does not prove this trunk, or is older than fifteen minutes. Sign it anew."
            )
            problem = Problem(HTTPStatus.UNAUTHORIZED, "signature_refused", detail)
            await _refuse(door, stranger("not_authenticated"), problem)
        return await _take(door, door.trunks.trunk(tenant, trunk) or Trunk(tenant, trunk), raw)

    return doors


async def _read(request: Request) -> tuple[bytes, bool]:
    """Return the body, and whether it was cut off because it is too large."""
    body = bytearray()
    try:
        async with asyncio.timeout(WHOLE_WITHIN_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BODY_BYTES:
                    break
    except (ClientDisconnect, TimeoutError) as error:
        detail = "The body did not come whole in time. Send it again."
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "cut_off", detail) from error
    return bytes(body[:LARGEST_BODY_BYTES]), len(body) > LARGEST_BODY_BYTES


def _stranger(door: ExchangeDoor, tenant: str, trunk: str, raw: bytes) -> Callable[[str], Refused]:
    """Describe input that proves nothing: only names that we know are repeated, whatever it calls itself."""
    known = door.trunks.trunk(tenant, trunk)
    source = "events_api/unproven" + (f"/{known.tenant}/{known.id}" if known else "")
    return lambda reason: Refused(source, reason, raw[:KEPT_OF_STRANGERS_BYTES])


def _is_proven(door: ExchangeDoor, tenant: str, trunk: str, request: Request, raw: bytes) -> bool:
    """Whether this trunk's secret signed it; to a stranger an unknown trunk looks like a wrong signature."""
    try:
        secrets = door.secrets_of(f"trunks/{tenant}/{trunk}")
        proven = verify(secrets, request.headers, raw, door.clock(), SIGNED_WITHIN)
    except (SignatureRefused, SecretMissing, SecretNameRefused):
        return False
    except (SecretUnavailable, SigningSecretUnusable) as error:
        LOG.error("trunk.secret_unusable", tenant=tenant, trunk=trunk, error=type(error).__name__)  # noqa: TRY400 -- the text names a place on the disk
        return False
    door.hear_time(f"trunk {tenant}/{trunk}", proven.timestamp)
    return True


async def _take(door: ExchangeDoor, trunk: Trunk, raw: bytes) -> dict[str, Any]:
    source = f"events_api/{trunk.tenant}/{trunk.id}"
    try:
        read = understood(raw, largest=LARGEST_BODY_BYTES)
    except (EventUnreadable, ValidationError) as error:
        await _refuse(door, Refused(source, "malformed", raw, trunk.tenant), _malformed(error))
    kind = read.event.kind
    if kind is None:
        arrival = Arrival(
            source=source,
            refused=[Refused(source, "unknown_event", raw, trunk.tenant)],
            counted={"UNKNOWN_EVENT": 1},
        )
        await _keep(door, arrival)
        return {"taken": False, "why": f"the event {read.event.event!r} is not known; it is kept and counted"}
    told = told_by(read.event, kind, trunk, door.clock())
    refused, counted = _left_out(read, source, raw, trunk)
    await _keep(door, Arrival(source=source, told=[told], refused=refused, counted=counted))
    named = {"left_out": list(read.left_out)} if read.left_out else {}
    return {"taken": True, "call_id": told.fact.call.call_id, **named}


def _left_out(
    read: Understood, source: str, raw: bytes, trunk: Trunk
) -> tuple[list[Refused], dict[str, int]]:
    """Keep the raw input of an event that was not taken whole, and count each field by its name."""
    if not read.left_out:
        return [], {}
    counted = {f"LEFT_OUT_{name.upper()}": 1 for name in read.left_out}
    return [Refused(source, "unusable_field", raw, trunk.tenant)], counted


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


async def _refuse(door: ExchangeDoor, refused: Refused, problem: Problem) -> NoReturn:
    """Keep what is refused, sealed; a full spool must not turn a refusal into something else."""
    try:
        await door.take(Arrival(source=refused.source, refused=[refused]))
    except SpoolUnwritable as error:
        LOG.warning("refused.not_kept", source=refused.source, reason=refused.reason)
        raise problem from error
    raise problem


async def _keep(door: ExchangeDoor, arrival: Arrival) -> None:
    try:
        await door.take(arrival)
    except SpoolUnwritable as error:
        raise spool_unwritable() from error


def spool_unwritable() -> Problem:
    """Return the answer while the spool cannot keep anything: nothing was kept, send it again."""
    detail = "Nothing was kept: the spool cannot be written now. Send the same again."
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "spool_unwritable", detail, headers={"Retry-After": "1"})

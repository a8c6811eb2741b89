"""Commands over HTTP: idempotency keys, seen versions, and what became of a change."""

import hashlib
from contextlib import AbstractContextManager
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.encoders import jsonable_encoder

from service_kit.decisions import Command, Conflict, KeyReused, NotPossible, Saved, Unknown
from service_kit.http.access import Gate, principal
from service_kit.http.problems import Problem, unknown
from service_kit.identity import Principal
from service_kit.store import Kept
from service_kit.telemetry import span

State = TypeVar("State")
LONGEST_KEY = 200


async def command(request: Request, who: Annotated[Principal, Depends(principal)]) -> Command:
    """Return what every changing request carries: key, author, seen version, digest.

    The key is bound to the account, so that nobody can answer with somebody else's command.
    """
    gate: Gate = request.app.state.gate
    key = request.headers.get("idempotency-key", "").strip()
    if not 0 < len(key) <= LONGEST_KEY:
        detail = "Send the header Idempotency-Key (1 to 200 characters), the same for every repeat."
        raise Problem(HTTPStatus.BAD_REQUEST, "idempotency_key_missing", detail)
    said = b"\0".join([request.method.encode(), request.url.path.encode(), await request.body()])
    return Command(
        key=f"{who.subject}:{key}",
        by=who.subject,
        at=gate.clock(),
        seen_version=_seen_version(request.headers.get("if-match")),
        fingerprint=hashlib.sha256(said).hexdigest()[:32],
    )


Commanded = Annotated[Command, Depends(command)]


def because(command: Command, reason: str) -> Command:
    """Return the command with the reason that its body gave."""
    return replace(command, reason=reason)


def carried_on(request: Request, name: str, kept: Kept[Any]) -> AbstractContextManager[object]:
    """Run a command as a span of the aggregate's own trace, unless the caller brought one."""
    parent = "" if request.headers.get("traceparent") else kept.traceparent
    return span(name, parent=parent, attributes={"siaga.tenant": kept.tenant, "siaga.id": kept.id})


def _seen_version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 - below 2^63
        detail = 'If-Match must be the version that you saw, such as "7".'
        raise Problem(HTTPStatus.BAD_REQUEST, "if_match_unreadable", detail)
    return int(text)


def saved_or_problem(result: object, *, what: str, current: Any = None) -> Saved[Any]:
    """Return what was saved, or raise the problem that says why nothing was.

    Args:
        result: what the use case returned.
        what: the aggregate's name for people, such as `ticket`.
        current: turns a newer state into JSON for the conflict's `current` member.
    """
    if isinstance(result, Saved):
        return result
    if isinstance(result, Unknown):
        raise unknown(what)
    if isinstance(result, Conflict):
        shown = jsonable_encoder(current(result.state) if current else None)
        detail = f"Somebody changed this {what} first. Look at `current` and decide again."
        raise Problem(HTTPStatus.CONFLICT, "conflict", detail, version=result.version, current=shown)
    if isinstance(result, KeyReused):
        detail = "This Idempotency-Key was used for another request. Use a new key."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", detail)
    if isinstance(result, NotPossible):
        detail = f"Not possible now: {result.why.replace('_', ' ')}."
        raise Problem(
            HTTPStatus.CONFLICT, "not_possible", detail, reason=result.why, allowed=list(result.allowed)
        )
    message = f"no answer is known for {type(result).__name__}"
    raise TypeError(message)


def mark_version(response: Response, version: int, *, repeated: bool = False) -> None:
    """Tell the version as an ETag, and whether the same had been done before."""
    response.headers["ETag"] = f'"{version}"'
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"

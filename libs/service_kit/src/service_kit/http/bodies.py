"""Request bodies are bounded and strict JSON before any doorway sees them, save where it keeps what it refuses."""

import asyncio
import re
from http import HTTPStatus

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service_kit.event import EventUnreadable, read_json
from service_kit.http.problems import Problem

LARGEST_BODY_BYTES = 262_144
WHOLE_WITHIN_SECONDS = 30.0
"""A story of 4,000 letters needs two seconds of that on a 2G line; who takes longer holds others' places."""


def take_raw_bodies(app: FastAPI, path: re.Pattern[str]) -> None:
    """Hand on the bodies of these paths as they come; their doorway bounds them, and keeps what it refuses."""
    app.state.raw_bodies = (*getattr(app.state, "raw_bodies", ()), path)


class Body(BaseModel):
    """What a doorway takes; a misspelt field is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StrictBodies:
    """Refuses bodies that are too large, too slow, too deep, not JSON, or hold NaN."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        largest: int = LARGEST_BODY_BYTES,
        within_seconds: float = WHOLE_WITHIN_SECONDS,
    ) -> None:
        """Wrap an app."""
        self._app = app
        self._largest = largest
        self._within_seconds = within_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body whole, look at it, and hand it on as if nobody had."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS") or _is_raw(scope):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._whole(receive)
            if body is None:
                return  # the sender is gone: half a command is none, and nobody waits for an answer
            _check(body, Headers(scope=scope).get("content-type", ""), self._largest)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _whole(self, receive: Receive) -> bytes | None:
        try:
            async with asyncio.timeout(self._within_seconds):
                return await _read(receive, self._largest)
        except TimeoutError as error:
            detail = f"The body did not come whole within {self._within_seconds:g} seconds. Send it again."
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "too_slow", detail) from error


def _is_raw(scope: Scope) -> bool:
    app = scope.get("app")
    paths: tuple[re.Pattern[str], ...] = getattr(app.state, "raw_bodies", ()) if app is not None else ()
    return any(path.fullmatch(scope["path"]) for path in paths)


async def _read(receive: Receive, largest: int) -> bytes | None:
    """Return the whole body; None where the sender went away in the middle of it."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > largest:
            detail = f"The body is larger than {largest} bytes."
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _check(body: bytes, content_type: str, largest: int) -> None:
    if not body or not _is_json(content_type):
        return
    try:
        read_json(body, largest=largest)
    except EventUnreadable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "unreadable", f"The body is {error}.") from error


def _is_json(content_type: str) -> bool:
    """Tell whether a doorway would read this as JSON: in any spelling, and all that ends in `+json`."""
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again

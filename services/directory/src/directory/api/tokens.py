"""Doorways to tokens and to the keys that judge them."""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, ValidationError

from directory.api.wire import Password, TokenOut
from directory.application.tokens import IssueToken, NotKnown, TooSoon
from service_kit.http import Body, Problem

_FORM = "application/x-www-form-urlencoded"
_LONGEST_ID = 64


class TokenIn(Body):
    """Who wants a token."""

    account: Annotated[str, Field(min_length=1, max_length=_LONGEST_ID)]
    password: Password


class _PasswordGrant(Body):
    """The same, spelled as RFC 6749 §4.3 spells it in a form."""

    grant_type: Annotated[str, Field(pattern="^password$")]
    username: Annotated[str, Field(min_length=1, max_length=_LONGEST_ID)]
    password: Password


async def _token_in(request: Request) -> TokenIn:
    """Read JSON or a form. What was sent is never quoted: it holds a password."""
    raw = await request.body()
    try:
        if request.headers.get("content-type", "").startswith(_FORM):
            form = dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True))
            grant = _PasswordGrant.model_validate(form)
            return TokenIn(account=grant.username, password=grant.password)
        return TokenIn.model_validate_json(raw)
    except (ValidationError, ValueError):
        detail = 'Send JSON {"account": …, "password": …}, or a form with grant_type=password.'
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_request", detail) from None


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": TokenIn.model_json_schema()},
            _FORM: {"schema": _PasswordGrant.model_json_schema()},
        },
    }
}


def router(issue: IssueToken, keys: Callable[[], Mapping[str, Any]]) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1", tags=["tokens"])

    @doors.post("/tokens", openapi_extra=_BODY)
    async def post_token(wanted: Annotated[TokenIn, Depends(_token_in)], response: Response) -> TokenOut:
        """Give a token for ten minutes. 401: not known together; 429: wait as long as Retry-After says."""
        issued = await issue(wanted.account, wanted.password)
        if isinstance(issued, TooSoon):
            raise _too_soon(math.ceil(issued.wait.total_seconds()))
        if isinstance(issued, NotKnown):
            detail = "Account and password do not fit together, or the account is disabled."
            raise Problem(HTTPStatus.UNAUTHORIZED, "not_known", detail)
        response.headers["Cache-Control"] = "no-store"
        return TokenOut(access_token=issued.token, expires_in=int(issued.lifetime.total_seconds()))

    @doors.get("/keys")
    async def get_keys(response: Response) -> dict[str, Any]:
        """Tell the public keys that tokens are judged by (RFC 7517)."""
        response.headers["Cache-Control"] = "public, max-age=60"
        return dict(keys())

    return doors


def _too_soon(seconds: int) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_soon",
        f"Too many failed tries. Try again in {seconds} s; the account is not locked.",
        headers={"Retry-After": str(seconds)},
        wait_seconds=seconds,
    )

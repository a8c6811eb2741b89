"""Doorways to tokens and to the keys that judge them."""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, ValidationError

from directory.api.wire import Password, TokenOut
from directory.application.tokens import IssueToken, NotKnown, TooSoon
from service_kit.http import Body, Problem

_FORM = "application/x-www-form-urlencoded"
_LONGEST_ID = 64
_IPV6_NETWORK_BITS = 64
"""One household or office has at least that much: counting addresses in it would count nothing."""


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


def source_of(request: Request) -> str:
    """Return where a request comes from, as failed log-ins are counted: an address, of IPv6 the network (/64).

    The server has read `X-Forwarded-For` already where the connection comes from a proxy that it trusts:
    127.0.0.1, or whom FORWARDED_ALLOW_IPS names (uvicorn). Behind a proxy that is not named, or that does not
    say whom it speaks for, all people share its address and `domain.tries` tells what that costs. The header
    is not read here: whoever is no proxy could write what they like.
    """
    host = "" if request.client is None else request.client.host
    try:
        address = ip_address(host)
    except ValueError:
        return host[:_LONGEST_ID]
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), _IPV6_NETWORK_BITS), strict=False))


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
    async def post_token(
        wanted: Annotated[TokenIn, Depends(_token_in)], request: Request, response: Response
    ) -> TokenOut:
        """Give a token for ten minutes. 401: not known together; 429: wait as long as Retry-After says."""
        issued = await issue(wanted.account, wanted.password, source_of(request))
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

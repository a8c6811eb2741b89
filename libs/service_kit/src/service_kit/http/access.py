"""Who asks: the token is proved, the path's tenant and the action are checked, in one place."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from service_kit.clock import Clock
from service_kit.http.problems import Problem, away
from service_kit.identity import Action, KeysUnavailable, Principal, TokenRefused, Verifier, allowed
from service_kit.telemetry import logger

LOG = logger(__name__)


Record = Callable[[Principal], Awaitable[Principal | None]]
"""Tells who a token's account is now, or None where it is nobody any more."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What an app needs to know people by; kept in `app.state.gate`."""

    verifier: Verifier
    clock: Clock
    record: Record | None = None


def ask_record(app: FastAPI, record: Record) -> None:
    """Let every doorway of an app ask, beside the token, the record of accounts that lies behind it."""
    app.state.gate = replace(app.state.gate, record=record)


async def principal(request: Request) -> Principal:
    """Return who the bearer token proves; 401 when it proves nobody, or nobody any more."""
    gate: Gate = request.app.state.gate
    who = _proved(request, gate)
    present = who if gate.record is None else await gate.record(who)
    if present is None:
        LOG.info("token.refused", reason="disabled")
        raise _unauthenticated("This account is disabled.")
    return present


def _proved(request: Request, gate: Gate) -> Principal:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthenticated("Send a token: `Authorization: Bearer …`.")
    try:
        return gate.verifier.verify(token.strip(), gate.clock())  # 0.1 ms: a thread would cost more
    except TokenRefused as error:
        LOG.info("token.refused", reason=error.reason)
        raise _unauthenticated("The token is not valid here (any more). Get a new one.") from error
    except KeysUnavailable as error:
        raise away() from error


def _unauthenticated(detail: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, "unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})


@dataclass(frozen=True, slots=True)
class Granted:
    """A dependency: somebody who may do `action` in the tenant of the path (or anywhere)."""

    action: Action

    async def __call__(self, request: Request, who: Annotated[Principal, Depends(principal)]) -> Principal:
        """Return who asks; 403 where they may not."""
        tenant = request.path_params.get("tenant", "")
        if not allowed(who, self.action, tenant):
            detail = f"This account may not {self.action.value.replace('_', ' ')} here."
            raise Problem(HTTPStatus.FORBIDDEN, "forbidden", detail)
        return who


def granted(action: Action) -> Granted:
    """Ask for somebody who may do `action`; the API's description names it too."""
    return Granted(action)


def may_somewhere(who: Principal, action: Action) -> bool:
    """Tell whether somebody may do a thing in the platform as a whole or in any tenant of theirs."""
    return any(allowed(who, action, tenant) for tenant in who.tenants)


@dataclass(frozen=True, slots=True)
class GrantedSomewhere:
    """A dependency for doors without a tenant in their path; what is behind them is told apart by tenant."""

    action: Action

    async def __call__(self, who: Annotated[Principal, Depends(principal)]) -> Principal:
        """Return who asks; 403 where they may do it in no tenant at all."""
        if not may_somewhere(who, self.action):
            detail = f"This account may not {self.action.value.replace('_', ' ')}."
            raise Problem(HTTPStatus.FORBIDDEN, "forbidden", detail)
        return who

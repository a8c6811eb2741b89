"""Doorways to accounts."""

import hashlib
import json
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from directory.api.wire import AccountOut, DescriptionIn, NewAccountIn, OwnPasswordIn, PasswordIn
from directory.application.accounts import (
    ChangeAccount,
    CreateAccount,
    NotYours,
    PasswordWrong,
    ReadAccounts,
)
from directory.domain.account import AccountRefused
from service_kit.decisions import Command, Saved
from service_kit.http import Commanded, Problem, mark_version, principal, saved_or_problem
from service_kit.identity import ANYWHERE, Action, Principal, PrincipalRefused, allowed

Asker = Annotated[Principal, Depends(principal)]


_SECRETS = frozenset({"password", "present"})


async def _secret_command(request: Request, command: Commanded) -> Command:
    """Take a command whose body holds passwords: its digest is of the rest, so that none of them is kept.

    Whether a repeat brings the same password, the use case asks the account's own hash.
    """
    try:
        told = json.loads(await request.body())
    except ValueError:
        told = None  # the doorway's own check of the body tells why it cannot be read
    rest = {name: told[name] for name in told if name not in _SECRETS} if isinstance(told, dict) else {}
    said = json.dumps([request.method, request.url.path, rest], sort_keys=True)
    return replace(command, fingerprint=hashlib.sha256(said.encode()).hexdigest()[:32])


SecretCommanded = Annotated[Command, Depends(_secret_command)]


def router(create: CreateAccount, change: ChangeAccount, read: ReadAccounts) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1", tags=["accounts"])
    _add_own(doors, change, read)
    _add_reading(doors, read)

    @doors.post("/accounts", status_code=HTTPStatus.CREATED)
    async def post_account(
        body: NewAccountIn, who: Asker, command: SecretCommanded, response: Response
    ) -> AccountOut:
        """Make an account in tenants whose accounts one manages; platform roles are the platform's to give.

        A regency's administrator makes its supervisors without being one. The trail names both.
        """
        result = await create(body.id, body.description(), body.password, by=who, command=command)
        return _shown(result, response)

    @doors.put("/accounts/{account}")
    async def put_account(
        account: str, body: DescriptionIn, who: Asker, command: Commanded, response: Response
    ) -> AccountOut:
        """Describe an account anew, or disable it: its tokens end within ten minutes, here at once.

        Nobody adds to their own rights, disables or enables their own account: a second administrator does.
        """
        return _shown(await change(account, body.description(), by=who, command=command), response)

    @doors.put("/accounts/{account}/password")
    async def put_password(
        account: str, body: PasswordIn, who: Asker, command: SecretCommanded, response: Response
    ) -> AccountOut:
        """Give an account a new password."""
        result = await change.set_password(account, body.password, by=who, command=command)
        return _shown(result, response)

    return doors


def _add_own(doors: APIRouter, change: ChangeAccount, read: ReadAccounts) -> None:
    @doors.get("/me")
    async def get_me(who: Asker, response: Response) -> AccountOut:
        """Show one's own account."""
        return _shown(await read.one(who.subject, by=who), response)

    @doors.put("/me/password")
    async def put_own_password(
        body: OwnPasswordIn, who: Asker, command: SecretCommanded, response: Response
    ) -> AccountOut:
        """Change one's own password, knowing the present one."""
        result = await change.change_own_password(body.present, body.password, by=who, command=command)
        return _shown(result, response)


def _add_reading(doors: APIRouter, read: ReadAccounts) -> None:
    @doors.get("/accounts")
    async def list_accounts(
        who: Asker,
        tenant: Annotated[str | None, Query(pattern=r"^\d\d\.\d\d$")] = None,
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, list[AccountOut]]:
        """List the accounts of a tenant, or (platform administrators) all; go on with `after` = the last id."""
        if not allowed(who, Action.MANAGE_ACCOUNTS, tenant or ANYWHERE):
            detail = "Say a tenant whose accounts you may manage: ?tenant=53.03."
            raise Problem(HTTPStatus.FORBIDDEN, "forbidden", detail)
        found = await read.of(tenant, by=who, after=after, limit=limit)
        return {"items": [AccountOut.of(saved) for saved in found]}

    @doors.get("/accounts/{account}")
    async def get_account(account: str, who: Asker, response: Response) -> AccountOut:
        """Show an account; a foreign one looks like one that is not there."""
        return _shown(await read.one(account, by=who), response)


def _shown(result: object, response: Response) -> AccountOut:
    saved = saved_or_problem(result, what="account", current=lambda state: AccountOut.of(Saved(state, 0)))
    mark_version(response, saved.version, repeated=saved.repeated)
    return AccountOut.of(saved)


def install_refusals(app: FastAPI) -> None:
    """Answer the accounts' own refusals with problems."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        detail = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "account_refused", detail).response()

    async def not_yours(_: Request, __: Exception) -> JSONResponse:
        detail = "You may not hand out these rights: stay within your own tenants and below platform roles."
        return Problem(HTTPStatus.FORBIDDEN, "forbidden", detail).response()

    async def wrong(_: Request, __: Exception) -> JSONResponse:
        detail = "The present password is not right."
        return Problem(HTTPStatus.FORBIDDEN, "password_wrong", detail).response()

    app.add_exception_handler(AccountRefused, refused)
    app.add_exception_handler(PrincipalRefused, refused)
    app.add_exception_handler(NotYours, not_yours)
    app.add_exception_handler(PasswordWrong, wrong)

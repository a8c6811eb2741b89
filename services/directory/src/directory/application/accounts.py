"""Make, change and read accounts; nobody hands out more than they have."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from directory.application.ports import AccountRecords, Deed, Passwords, Trail
from directory.domain.account import (
    Account,
    Description,
    change,
    change_password,
    create,
    described,
    refuse_weak_password,
)
from service_kit.decisions import Changed, Command, Conflict, KeyReused, NotPossible, Saved, Unknown
from service_kit.identity.grants import ANYWHERE, Action, Principal, allowed, may_appoint

Outcome = Saved[Account] | Conflict[Account] | KeyReused | NotPossible | Unknown


class NotYours(Exception):
    """The account asked for would have rights that the asker may not hand out."""


class PasswordWrong(Exception):
    """The present password that was given is not the account's."""


class CreateAccount:
    """An administrator makes an account."""

    def __init__(self, accounts: AccountRecords, passwords: Passwords, trail: Trail) -> None:
        self._accounts, self._passwords, self._trail = accounts, passwords, trail

    async def __call__(
        self, account_id: str, description: Description, password: str, *, by: Principal, command: Command
    ) -> Outcome:
        """Make it; the same command twice is dull.

        A version that the asker claims to have seen means nothing here: there is no account yet, and one
        that has the id already may be another tenant's, whose state no conflict may show.

        Raises:
            AccountRefused, PrincipalRefused: it breaks a rule.
            NotYours: the asker may not hand out these rights.
        """
        command = replace(command, seen_version=None)
        refuse_weak_password(account_id, password)
        new = described(account_id, description, password_hash="", at=command.at)
        if not may_appoint(by, new.principal()):
            raise NotYours
        new = replace(new, password_hash=await self._passwords.hash(password))
        if await self._accounts.get(account_id) is None:
            await self._trail.record(_deed("account.created", new, command.by), command.at)
        return await self._accounts.change(account_id, partial(create, new=new), command)


class ChangeAccount:
    """An administrator describes an account anew, or disables it."""

    def __init__(self, accounts: AccountRecords, passwords: Passwords, trail: Trail) -> None:
        self._accounts, self._passwords, self._trail = accounts, passwords, trail

    async def __call__(
        self, account_id: str, description: Description, *, by: Principal, command: Command
    ) -> Outcome:
        """Change it. An account that is not theirs to manage looks unknown.

        Raises:
            AccountRefused, PrincipalRefused: it breaks a rule.
            NotYours: the asker may not hand out these rights.
        """
        kept = await self._accounts.get(account_id)
        if kept is None or not may_appoint(by, kept.state.principal()):
            return Unknown()
        decided = change(kept.state, description, by=command.by, at=command.at)
        if isinstance(decided, NotPossible):
            return decided
        if not may_appoint(by, decided.state.principal()):
            raise NotYours
        await self._trail.record(_deed(decided.what, decided.state, command.by), command.at)
        return await self._accounts.change(
            account_id,
            _on_known(partial(change, description=description, by=command.by, at=command.at)),
            command,
        )

    async def set_password(
        self, account_id: str, password: str, *, by: Principal, command: Command
    ) -> Outcome:
        """Give an account that is theirs to manage a new password.

        Raises:
            AccountRefused: the password is weak.
        """
        kept = await self._accounts.get(account_id)
        if kept is None or not may_appoint(by, kept.state.principal()):
            return Unknown()
        return await self._set(kept.state, password, command)

    async def change_own_password(self, present: str, password: str, *, command: Command) -> Outcome:
        """Change one's own password, knowing the present one.

        Raises:
            AccountRefused: the new password is weak.
            PasswordWrong: the present one is not right.
        """
        kept = await self._accounts.get(command.by)
        if kept is None:
            return Unknown()
        if not await self._passwords.verify(present, kept.state.password_hash):
            raise PasswordWrong
        return await self._set(kept.state, password, command)

    async def _set(self, account: Account, password: str, command: Command) -> Outcome:
        refuse_weak_password(account.id, password)
        kept = await self._passwords.hash(password)
        await self._trail.record(_deed("account.password_changed", account, command.by), command.at)
        return await self._accounts.change(
            account.id, _on_known(partial(change_password, password_hash=kept, at=command.at)), command
        )


class ReadAccounts:
    """Accounts that somebody may manage."""

    def __init__(self, accounts: AccountRecords) -> None:
        self._accounts = accounts

    async def one(self, account_id: str, *, by: Principal) -> Saved[Account] | Unknown:
        """Return an account; a foreign one looks unknown. Everybody may look at their own."""
        kept = await self._accounts.get(account_id)
        if kept is None or not (account_id == by.subject or may_appoint(by, kept.state.principal())):
            return Unknown()
        return kept

    async def of(
        self, tenant: str | None, *, by: Principal, after: str | None, limit: int
    ) -> Sequence[Saved[Account]]:
        """Return accounts of a tenant, or of the platform; only those that are the asker's to manage."""
        if not allowed(by, Action.MANAGE_ACCOUNTS, tenant or ANYWHERE):
            return []
        found = await self._accounts.find(tenant=tenant, after=after, limit=limit)
        return [one for one in found if may_appoint(by, one.state.principal())]


def _on_known(
    decide: Callable[[Account], Changed[Account] | NotPossible],
) -> Callable[[Account | None], Changed[Account] | NotPossible | Unknown]:
    """Decide about an account that is there; accounts are never removed, but a store may be empty."""

    def decided(account: Account | None) -> Changed[Account] | NotPossible | Unknown:
        return Unknown() if account is None else decide(account)

    return decided


def _deed(action: str, account: Account, by: str) -> Deed:
    """Tell what an account now is. An account of one tenant is told to that tenant's auditors."""
    tenant = account.tenants[0] if len(account.tenants) == 1 else ANYWHERE
    details = {
        "kind": account.kind.value,
        "tenants": list(account.tenants),
        "roles": [role.value for role in account.roles],
        "disabled": account.disabled,
    }
    return Deed(action, by, tenant, f"account/{account.id}", details)

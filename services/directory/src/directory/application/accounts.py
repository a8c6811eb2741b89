"""Make, change and read accounts: who manages a tenant's accounts hands out its roles, to others."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from directory.application.ports import AccountRecords, Passwords, Trail
from directory.application.recorded import RecordedAccounts
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
        self._recorded, self._passwords = RecordedAccounts(accounts, trail), passwords

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
        result = await self._recorded.change(account_id, partial(create, new=new), command)
        return await _unless_reused(result, password, self._passwords)


class ChangeAccount:
    """An administrator describes an account anew, or disables it."""

    def __init__(self, accounts: AccountRecords, passwords: Passwords, trail: Trail) -> None:
        self._accounts, self._passwords = accounts, passwords
        self._recorded = RecordedAccounts(accounts, trail)

    async def __call__(
        self, account_id: str, description: Description, *, by: Principal, command: Command
    ) -> Outcome:
        """Change it. An account that is not theirs to manage looks unknown.

        Raises:
            AccountRefused, PrincipalRefused: it breaks a rule.
            NotYours: the asker may not hand out these rights.
        """
        if not await self._is_theirs(account_id, by):
            return Unknown()
        decide = partial(_described_anew, description=description, by=by, command=command)
        return await self._recorded.change(account_id, decide, command)

    async def set_password(
        self, account_id: str, password: str, *, by: Principal, command: Command
    ) -> Outcome:
        """Give an account that is theirs to manage a new password.

        Raises:
            AccountRefused: the password is weak.
        """
        if not await self._is_theirs(account_id, by):
            return Unknown()
        return await self._set(account_id, password, by, command)

    async def change_own_password(
        self, present: str, password: str, *, by: Principal, command: Command
    ) -> Outcome:
        """Change one's own password, knowing the present one; for a repeat the new one is the present one.

        Raises:
            AccountRefused: the new password is weak.
            PasswordWrong: the present one is not right.
        """
        kept = await self._accounts.get(by.subject)
        if kept is None:
            return Unknown()
        earlier = await self._recorded.earlier(by.subject, command)
        if earlier is not None:
            return await _unless_reused(earlier, password, self._passwords)
        if not await self._passwords.verify(present, kept.state.password_hash):
            raise PasswordWrong
        return await self._set(by.subject, password, by, command)

    async def _is_theirs(self, account_id: str, by: Principal) -> bool:
        """Look before the store does: its conflicts show the account."""
        kept = await self._accounts.get(account_id)
        return kept is not None and may_appoint(by, kept.state.principal())

    async def _set(self, account_id: str, password: str, by: Principal, command: Command) -> Outcome:
        refuse_weak_password(account_id, password)
        hashed = await self._passwords.hash(password)
        decide = partial(_with_password, password_hash=hashed, by=by, command=command)
        result = await self._recorded.change(account_id, decide, command)
        return await _unless_reused(result, password, self._passwords)


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


def _described_anew(
    account: Account | None, *, description: Description, by: Principal, command: Command
) -> Changed[Account] | NotPossible | Unknown:
    if account is None or not may_appoint(by, account.principal()):
        return Unknown()
    decided = change(account, description, by=by.subject, at=command.at)
    if isinstance(decided, Changed) and not may_appoint(by, decided.state.principal()):
        raise NotYours
    return decided


def _with_password(
    account: Account | None, *, password_hash: str, by: Principal, command: Command
) -> Changed[Account] | Unknown:
    if account is None or not (account.id == by.subject or may_appoint(by, account.principal())):
        return Unknown()
    return change_password(account, password_hash, at=command.at)


async def _unless_reused(result: Outcome, password: str, passwords: Passwords) -> Outcome:
    """Tell a repeat from another request under the same key, which would look done and was not.

    No digest of a password is kept with its command, so the account's hash is asked whether it is the same
    one. A repeat that comes after yet another password is refused, too: what it asked for is not in force.
    """
    if not isinstance(result, Saved) or not result.repeated:
        return result
    return result if await passwords.verify(password, result.state.password_hash) else KeyReused()

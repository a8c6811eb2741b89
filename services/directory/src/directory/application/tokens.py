"""Give tokens to accounts that know their password."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from directory.application.ports import (
    AccountRecords,
    Clock,
    Deed,
    FailedTries,
    Passwords,
    Tokens,
    Trail,
)
from directory.domain.account import Account, rehash_password
from directory.domain.tries import Tries
from service_kit.decisions import Command
from service_kit.identity.grants import ANYWHERE

LIFETIME = timedelta(minutes=10)
"""Short, because a disabled account's token stays good until it ends; robots log in again by themselves."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and how long it is good for."""

    token: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Account and password do not fit together, or the account is disabled; nobody learns which."""


@dataclass(frozen=True, slots=True)
class TooSoon:
    """Too many failed log-ins: the next try is looked at after this wait."""

    wait: timedelta


class IssueToken:
    """Gives a token; failed tries slow the next ones, for accounts that exist and those that do not."""

    def __init__(
        self,
        accounts: AccountRecords,
        passwords: Passwords,
        tokens: Tokens,
        tries: FailedTries,
        trail: Trail,
        clock: Clock,
    ) -> None:
        self._accounts, self._passwords, self._tokens = accounts, passwords, tokens
        self._tries, self._trail, self._clock = tries, trail, clock

    async def __call__(self, account_id: str, password: str) -> Issued | NotKnown | TooSoon:
        """Judge a log-in. Every try counts as failed until it has succeeded."""
        now = self._clock()
        tries = self._tries.get(account_id)
        wait = tries.wait(now)
        if wait:
            return TooSoon(wait)
        self._tries.put(account_id, tries.one_more(now))
        kept = await self._accounts.get(account_id)
        hashed = None if kept is None else kept.state.password_hash
        good = await self._passwords.verify(password, hashed)
        if kept is None:
            return NotKnown()
        if not good or kept.state.disabled:
            await self._record("token.refused", kept.state)
            return NotKnown()
        await self._record("token.issued", kept.state)
        await self._keep_at_todays_cost(kept.state, password)
        self._tries.put(account_id, Tries())
        return Issued(self._tokens.token(kept.state.principal(), self._clock(), LIFETIME), LIFETIME)

    async def _keep_at_todays_cost(self, account: Account, password: str) -> None:
        """Hash the password again where its hash was made at another cost: only now is it at hand."""
        before = account.password_hash
        if not self._passwords.needs_rehash(before):
            return
        after = await self._passwords.hash(password)
        now = self._clock()
        command = Command(key=f"rehash/{now.isoformat()}", by=account.id, at=now)
        await self._accounts.change(account.id, partial(rehash_password, before=before, after=after), command)

    async def _record(self, action: str, account: Account) -> None:
        tenant = account.tenants[0] if len(account.tenants) == 1 else ANYWHERE
        deed = Deed(action, account.id, tenant, f"account/{account.id}", {})
        await self._trail.record(deed, self._clock())

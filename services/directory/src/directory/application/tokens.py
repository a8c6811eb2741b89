"""Give tokens to accounts that know their password."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from directory.domain.tries import ALL_STRANGERS, KNOWN, STRANGER, Tries
from service_kit.decisions import Command
from service_kit.identity.grants import ANYWHERE

LIFETIME = timedelta(minutes=10)
"""Short, because a disabled account's token stays good until it ends; robots log in again by themselves."""

MOST_OF_ONE_SOURCE = 64
"""Tries of one address in line at once, so that one that makes up accounts leaves others' log-ins a place."""


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
        self._judging: Counter[str] = Counter()

    async def __call__(self, account_id: str, password: str, source: str) -> Issued | NotKnown | TooSoon:
        """Judge a log-in that came from an address. Every try counts as failed until it has succeeded."""
        if self._judging[source] >= MOST_OF_ONE_SOURCE:
            return TooSoon(timedelta(seconds=1))
        wait = self._wait(account_id, source, self._clock())
        if wait:
            return TooSoon(wait)
        self._judging[source] += 1
        try:
            return await self._judge(account_id, password, source)
        finally:
            self._judging[source] -= 1
            self._judging += Counter()  # forgets addresses that have nothing left here

    def _wait(self, account_id: str, source: str, now: datetime) -> timedelta:
        """Return how long this try has to wait; one that need not is counted."""
        known = self._tries.knows(account_id, source)
        own, others = self._tries.get(account_id, source), self._tries.get(account_id, None)
        wait = own.wait(now, KNOWN if known else STRANGER)
        if not known:
            wait = max(wait, others.wait(now, ALL_STRANGERS))
        if not wait:
            self._tries.put(account_id, source, own.one_more(now))
        if not wait and not known:
            self._tries.put(account_id, None, others.one_more(now))
        return wait

    async def _judge(self, account_id: str, password: str, source: str) -> Issued | NotKnown:
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
        self._tries.put(account_id, source, Tries())
        self._tries.welcome(account_id, source)
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

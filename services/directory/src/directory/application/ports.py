"""What the use cases need from the world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from directory.domain.account import Account
from directory.domain.tenant import Tenant
from directory.domain.tries import Tries
from service_kit.decisions import Changed, Command, Conflict, KeyReused, Refusal, Saved
from service_kit.identity.grants import Principal
from shared_schemas.tenant_findings import Finding

Clock = Callable[[], datetime]
Checked = Mapping[str, Any] | Sequence[Finding]
"""A configuration as plain JSON values, or everything that is wrong with it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is about to be done, for the audit trail: ids and words only."""

    action: str
    by: str
    tenant: str
    subject: str
    details: Mapping[str, str | int | bool | Sequence[str]]


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One entry of the audit trail, as it was written; `place` is where reading goes on after it."""

    id: str
    place: str
    at: str
    action: str
    by: str
    tenant: str
    subject: str
    details: Mapping[str, Any]
    hash: str


class CheckConfiguration(Protocol):
    """Judges configurations."""

    def alone(self, value: object) -> Checked:
        """Check one configuration; the answer is it in its kept form, or its findings."""

    def among(
        self, configuration: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
    ) -> Sequence[Finding]:
        """Check what must differ between this tenant and the others."""


class TenantRecords(Protocol):
    """Tenants, and the versions that were in force before."""

    async def get(self, code: str) -> Saved[Tenant] | None:
        """Return the tenant and the version of its record."""

    async def all(self) -> Sequence[Saved[Tenant]]:
        """Return every tenant, by code."""

    async def change(
        self, code: str, decide: Callable[[Tenant | None], Changed[Tenant] | Refusal], command: Command
    ) -> Saved[Tenant] | Conflict[Tenant] | KeyReused | Refusal:
        """Save what is decided, once for each command."""

    async def remember(self, tenant: Tenant) -> None:
        """Keep a version for the history; the same version twice is dull."""

    async def history(self, code: str, *, before: int | None, limit: int) -> Sequence[Tenant]:
        """Return remembered versions, newest first, older than `before`."""


class AccountRecords(Protocol):
    """Accounts of the whole platform."""

    async def get(self, account_id: str) -> Saved[Account] | None:
        """Return the account and the version of its record."""

    async def find(self, *, tenant: str | None, after: str | None, limit: int) -> Sequence[Saved[Account]]:
        """Return accounts by id, those of one tenant or all."""

    async def change(
        self,
        account_id: str,
        decide: Callable[[Account | None], Changed[Account] | Refusal],
        command: Command,
    ) -> Saved[Account] | Conflict[Account] | KeyReused | Refusal:
        """Save what is decided, once for each command."""


class Passwords(Protocol):
    """Hashes and judges passwords, off the event loop and only a few at a time."""

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""

    async def verify(self, password: str, kept: str | None) -> bool:
        """Tell whether it is the password; None takes as long and is a no."""

    def needs_rehash(self, kept: str) -> bool:
        """Tell whether the hash was made at another cost than today's."""


class Tokens(Protocol):
    """Makes tokens."""

    def token(self, principal: Principal, now: datetime, lifetime: timedelta) -> str:
        """Return a signed token that proves the principal until `now + lifetime`."""


class FailedTries(Protocol):
    """Failed log-ins and where good ones came from, bounded in number; forgotten at a restart."""

    def get(self, account_id: str, source: str | None) -> Tries:
        """Return what is known of an account's failed log-ins, whether it exists or not; None: all strangers'."""

    def put(self, account_id: str, source: str | None, tries: Tries) -> None:
        """Keep it."""

    def knows(self, account_id: str, source: str) -> bool:
        """Tell whether the account has logged in from this address."""

    def welcome(self, account_id: str, source: str) -> None:
        """Note a good log-in."""


class Trail(Protocol):
    """The append-only audit trail."""

    async def record(self, deed: Deed, at: datetime) -> None:
        """Record a deed; it is safely down when this returns, or nothing may happen."""

    async def read(self, *, tenant: str | None, after: str | None, limit: int) -> Sequence[TrailEntry]:
        """Return entries in the order of their times, of one tenant or all."""

    async def faults(self) -> Sequence[str]:
        """Return a sentence for each broken link of the trail."""

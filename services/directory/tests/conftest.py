"""One fake per port, and the directory put together on them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx
import pytest

from directory.api import accounts, audit, tenants, tokens
from directory.application.accounts import ChangeAccount, CreateAccount, ReadAccounts
from directory.application.audit import ReadAudit
from directory.application.ports import AccountRecords, Deed, Passwords, TenantRecords, Trail, TrailEntry
from directory.application.present import PresentRights
from directory.application.tenants import ApplyTenant, Places, ReadTenants, ValidateTenant
from directory.application.tokens import IssueToken
from directory.contracts import CheckByContract
from directory.domain.account import Account, Description, described
from directory.domain.tenant import Tenant
from directory.gateways.failed_tries import RememberedTries
from service_kit.decisions import Changed, Command, Conflict, KeyReused, Saved
from service_kit.http import Gate, ask_record, make_app
from service_kit.identity import KeySet, Kind, Role, Signer, Verifier
from service_kit.secrets import Secrets
from shared_schemas.tenant_files import as_plain, read_tenant_file
from shared_schemas.tenants import TenantConfiguration

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TENANTS = Path(__file__).parents[3] / "tenants"
ENVIRONMENT = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "demo.invalid"}
PASSWORD = "hujan-turun-di-kefa"
State = TypeVar("State")
Refusal = TypeVar("Refusal")


class FakeRecords(Generic[State]):
    """Aggregates in memory, with versions and command keys as the kit's store has them."""

    def __init__(self) -> None:
        self.kept: dict[str, Saved[State]] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.before_change: Callable[[], None] = lambda: None

    async def get(self, name: str) -> Saved[State] | None:
        return self.kept.get(name)

    async def change(
        self, name: str, decide: Callable[[State | None], Changed[State] | Refusal], command: Command
    ) -> Saved[State] | Conflict[State] | KeyReused | Refusal:
        self.before_change()
        kept = self.kept.get(name)
        if kept is not None and (known := self._known(name, kept, command)) is not None:
            return known
        decided = decide(None if kept is None else kept.state)
        if not isinstance(decided, Changed):
            return decided
        saved = Saved(decided.state, 1 if kept is None else kept.version + 1)
        self.kept[name] = saved
        self.keys[name, command.key] = command.fingerprint
        return saved

    def _known(
        self, name: str, kept: Saved[State], command: Command
    ) -> Saved[State] | Conflict[State] | KeyReused | None:
        earlier = self.keys.get((name, command.key))
        if earlier is not None:
            return (
                KeyReused()
                if earlier != command.fingerprint
                else Saved(kept.state, kept.version, repeated=True)
            )
        if command.seen_version not in {None, kept.version}:
            return Conflict(kept.state, kept.version)
        return None


class FakeTenants(FakeRecords[Tenant], TenantRecords):
    def __init__(self) -> None:
        super().__init__()
        self.remembered: dict[tuple[str, int], Tenant] = {}

    async def all(self) -> Sequence[Saved[Tenant]]:
        return [self.kept[code] for code in sorted(self.kept)]

    async def remember(self, tenant: Tenant) -> None:
        self.remembered.setdefault((tenant.code, tenant.version), tenant)

    async def history(self, code: str, *, before: int | None, limit: int) -> Sequence[Tenant]:
        versions = sorted(
            (tenant.version for name, tenant in _items(self.remembered) if name == code), reverse=True
        )
        wanted = [version for version in versions if before is None or version < before]
        return [self.remembered[code, version] for version in wanted[: max(limit, 0)]]


def _items(remembered: Mapping[tuple[str, int], Tenant]) -> list[tuple[str, Tenant]]:
    return [(code, tenant) for (code, _), tenant in remembered.items()]


class FakeAccounts(FakeRecords[Account], AccountRecords):
    async def find(self, *, tenant: str | None, after: str | None, limit: int) -> Sequence[Saved[Account]]:
        every = [self.kept[name] for name in sorted(self.kept) if after is None or name > after]
        return [one for one in every if tenant is None or tenant in one.state.tenants][:limit]


class FakeTrail(Trail):
    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.times: list[datetime] = []
        self.broken: Exception | None = None

    async def record(self, deed: Deed, at: datetime) -> None:
        if self.broken is not None:
            raise self.broken
        self.deeds.append(deed)
        self.times.append(at)

    async def read(self, *, tenant: str | None, after: str | None, limit: int) -> Sequence[TrailEntry]:
        entries = [
            TrailEntry(str(n), f"{n:04}", "", d.action, d.by, d.tenant, d.subject, d.details, "")
            for n, d in enumerate(self.deeds)
            if tenant in {None, d.tenant}
        ]
        return [entry for entry in entries if after is None or entry.place > after][:limit]

    async def faults(self) -> Sequence[str]:
        return []

    @property
    def actions(self) -> list[str]:
        return [deed.action for deed in self.deeds]


async def _at_once() -> None:
    """Judge without waiting."""


class FakePasswords(Passwords):
    def __init__(self) -> None:
        self.judged: list[str | None] = []
        self.before_verify: Callable[[], Awaitable[object]] = _at_once

    async def hash(self, password: str) -> str:
        return f"hash of {password}"

    async def verify(self, password: str, kept: str | None) -> bool:
        await self.before_verify()
        self.judged.append(kept)
        return kept in {f"hash of {password}", f"cheap hash of {password}"}

    def needs_rehash(self, kept: str) -> bool:
        return kept.startswith("cheap ")


@dataclass
class World:
    """Everything around the use cases, in memory; time moves only when told."""

    signer: Signer
    tenants: FakeTenants = field(default_factory=FakeTenants)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    trail: FakeTrail = field(default_factory=FakeTrail)
    passwords: FakePasswords = field(default_factory=FakePasswords)
    tries: RememberedTries = field(default_factory=RememberedTries)
    now: datetime = NOON
    commands: int = 0

    def clock(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    def command(self, by: str = "admin", *, seen: int | None = None, key: str | None = None) -> Command:
        self.commands += 1
        return Command(key=key or f"key-{self.commands}", by=by, at=self.now, seen_version=seen)

    def account(self, name: str, *roles: Role, **how: Any) -> Account:
        """Put an account there, as if an administrator had made it."""
        kind = how.get("kind", Kind.PERSON)
        description = Description(
            name, kind, frozenset(how.get("tenants", ["53.03"])), frozenset(roles), how.get("agency")
        )
        account = described(name, description, password_hash=f"hash of {PASSWORD}", at=self.now)
        self.accounts.kept[name] = Saved(account, 1)
        return account

    def admin(self) -> Account:
        return self.account("admin", Role.PLATFORM_ADMIN, tenants=["*"])

    def token(self, account: Account) -> str:
        return self.signer.token(account.principal(), self.now)

    @property
    def apply(self) -> ApplyTenant:
        return ApplyTenant(self.tenants, self.trail, CheckByContract(), Places(6, 2))

    @property
    def validate(self) -> ValidateTenant:
        return ValidateTenant(self.tenants, CheckByContract())

    @property
    def read(self) -> ReadTenants:
        return ReadTenants(self.tenants)

    @property
    def read_accounts(self) -> ReadAccounts:
        return ReadAccounts(self.accounts)

    @property
    def create_account(self) -> CreateAccount:
        return CreateAccount(self.accounts, self.passwords, self.trail)

    @property
    def change_account(self) -> ChangeAccount:
        return ChangeAccount(self.accounts, self.passwords, self.trail)

    @property
    def issue(self) -> IssueToken:
        return IssueToken(self.accounts, self.passwords, self.signer, self.tries, self.trail, self.clock)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(Signer(Secrets(tmp_path / "secrets"), issuer="siaga112", audience="siaga112"))


Configured = Callable[..., dict[str, Any]]


@pytest.fixture
def configured() -> Configured:
    """Give a real tenant's configuration, changed at the top where told."""

    def read(code: str = "53.03", **changes: Any) -> dict[str, Any]:
        configuration = read_tenant_file(TENANTS / f"{code}.yaml", ENVIRONMENT)
        assert isinstance(configuration, TenantConfiguration)
        return {**as_plain(configuration), **changes}

    return read


async def _nothing_waits() -> list[str]:
    return []


async def _report() -> dict[str, object]:
    return {}


@pytest.fixture
async def client(world: World, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Knock at the directory's doors."""
    keys = tmp_path / "keys.json"
    world.signer.publish(keys)
    gate = Gate(Verifier(KeySet(keys), "siaga112", "siaga112"), world.clock)
    app = make_app("directory", version="0", gate=gate, report=_report, ready=_nothing_waits)
    app.include_router(tokens.router(world.issue, world.signer.jwks))
    app.include_router(tenants.router(world.apply, world.validate, world.read))
    app.include_router(accounts.router(world.create_account, world.change_account, world.read_accounts))
    app.include_router(audit.router(ReadAudit(world.trail)))
    accounts.install_refusals(app)
    ask_record(app, PresentRights(world.accounts))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://directory") as one:
        yield one


Ask = Callable[..., Any]


@pytest.fixture
def ask(client: httpx.AsyncClient, world: World) -> Ask:
    """Ask as somebody, with an idempotency key; answers the response."""

    async def send(who: Account | None, method: str, path: str, **how: Any) -> httpx.Response:
        world.commands += 1
        headers = {"Idempotency-Key": f"ask-{world.commands}", **how.pop("headers", {})}
        if who is not None:
            headers["Authorization"] = f"Bearer {world.token(who)}"
        return await client.request(method, path, headers=headers, **how)

    return partial(send)

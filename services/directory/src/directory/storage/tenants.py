"""Tenants in the store, each version remembered in a document of its own."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import TypeAdapter
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from directory import contracts
from directory.application.ports import TenantRecords
from directory.domain.tenant import Tenant
from service_kit.decisions import Changed, Command, Conflict, KeyReused, Refusal, Saved
from service_kit.documents import Collection, Database
from service_kit.store import Aggregate, AggregateStore, Kept

TENANTS: Aggregate[Tenant] = Aggregate(
    collection="tenants",
    state_type=Tenant,
    source=contracts.SOURCE,
    kind="tenant",
    key=lambda tenant: tenant.code,
    body=contracts.tenant_configured,
)
_VERSIONS = "tenant_versions"
_STATE: TypeAdapter[Tenant] = TypeAdapter(Tenant)


class MongoTenants(TenantRecords):
    """Tenants by code; the code is the document's id, as the events' subject names it."""

    def __init__(self, store: AggregateStore[Tenant], database: Database) -> None:
        self._store = store
        self._versions: Collection = database.get_collection(_VERSIONS)

    async def prepare(self) -> None:
        """Create the history's index, in the order in which it is read."""
        newest_first = [("tenant", ASCENDING), ("newest_first", ASCENDING)]
        await self._versions.create_indexes([IndexModel(newest_first, name="history")])

    async def get(self, code: str) -> Saved[Tenant] | None:
        """Return the tenant and the version of its record."""
        kept = await self._store.get(code, code)
        return None if kept is None else _saved(kept)

    async def all(self) -> Sequence[Saved[Tenant]]:
        """Return every tenant, by code."""
        found = [_saved(kept) async for kept in self._store.everything(unfinished_only=False)]
        return sorted(found, key=lambda one: one.state.code)

    async def change(
        self, code: str, decide: Callable[[Tenant | None], Changed[Tenant] | Refusal], command: Command
    ) -> Saved[Tenant] | Conflict[Tenant] | KeyReused | Refusal:
        """Save what is decided, with the event that tells it."""
        return await self._store.change(code, code, decide, command=command)

    async def remember(self, tenant: Tenant) -> None:
        """Keep a version for the history; the same version twice is dull."""
        document = {
            "_id": f"{tenant.code}/{tenant.version}",
            "tenant": tenant.code,
            "newest_first": -tenant.version,
            "state": _STATE.dump_python(tenant, mode="json"),
        }
        with suppress(DuplicateKeyError):
            await self._versions.insert_one(document)

    async def history(self, code: str, *, before: int | None, limit: int) -> Sequence[Tenant]:
        """Return remembered versions, newest first, older than `before`."""
        if limit < 1:
            return []
        wanted: Mapping[str, Any] = {"tenant": code}
        if before is not None:
            wanted = {**wanted, "newest_first": {"$gt": -before}}
        found = self._versions.find(wanted).sort("newest_first", ASCENDING).limit(limit)
        return [_STATE.validate_python(raw["state"], strict=False) async for raw in found]


def _saved(kept: Kept[Tenant]) -> Saved[Tenant]:
    return Saved(kept.state, kept.version)

"""Accounts in the store. They belong to the platform; the tenants they serve are part of their state."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from directory import contracts
from directory.application.ports import AccountRecords
from directory.domain.account import Account
from service_kit.decisions import Changed, Command, Conflict, KeyReused, Refusal, Saved
from service_kit.identity import ANYWHERE
from service_kit.store import Aggregate, AggregateStore
from shared_schemas.identifiers import derived_id


class AccountNeverTold(RuntimeError):
    """An account was about to be announced on the bus; accounts stay in the directory."""


def _never_told(*_: object) -> BaseModel:
    raise AccountNeverTold("accounts are not announced")


ACCOUNTS: Aggregate[Account] = Aggregate(
    collection="accounts",
    state_type=Account,
    source=contracts.SOURCE,
    kind="account",
    key=lambda account: account.id,
    body=_never_told,
    fields=lambda account: {"account": account.id, "serves": list(account.tenants)},
    indexes=(
        IndexModel([("tenant", ASCENDING), ("account", ASCENDING)], name="by_id", unique=True),
        IndexModel([("tenant", ASCENDING), ("serves", ASCENDING), ("account", ASCENDING)], name="by_tenant"),
    ),
)


class MongoAccounts(AccountRecords):
    """Accounts by id."""

    def __init__(self, store: AggregateStore[Account]) -> None:
        self._store = store

    async def get(self, account_id: str) -> Saved[Account] | None:
        """Return the account and the version of its record."""
        kept = await self._store.get(ANYWHERE, _document(account_id))
        return None if kept is None else Saved(kept.state, kept.version)

    async def find(self, *, tenant: str | None, after: str | None, limit: int) -> Sequence[Saved[Account]]:
        """Return accounts by id, those of one tenant or all."""
        query: dict[str, Any] = {} if tenant is None else {"serves": tenant}
        found = await self._store.find(ANYWHERE, query, sort="account", limit=limit, after=after)
        return [Saved(kept.state, kept.version) for kept in found]

    async def change(
        self,
        account_id: str,
        decide: Callable[[Account | None], Changed[Account] | Refusal],
        command: Command,
    ) -> Saved[Account] | Conflict[Account] | KeyReused | Refusal:
        """Save what is decided, once for each command."""
        return await self._store.change(ANYWHERE, _document(account_id), decide, command=command)


def _document(account_id: str) -> str:
    """Return the document's id; a character that no id may hold names a document that cannot be."""
    return derived_id(ANYWHERE, "account", account_id.replace("\x1f", "\N{REPLACEMENT CHARACTER}"))

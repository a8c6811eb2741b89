"""Record in the trail, then save: what was decided, and where it came to nothing, that too."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from directory.application.ports import AccountRecords, Deed, Trail
from directory.domain.account import Account
from service_kit.decisions import Changed, Command, Conflict, KeyReused, Saved
from service_kit.identity.grants import ANYWHERE

Refusal = TypeVar("Refusal")
Decide = Callable[[Account | None], Changed[Account] | Refusal]
_RACES_MOST = 5


class NeverSettled(RuntimeError):
    """Others changed an account between every look at it and the save."""


@dataclass(frozen=True, slots=True)
class _Rehearsed(Generic[Refusal]):
    state: Account | None
    decided: Changed[Account] | Refusal


@dataclass(frozen=True, slots=True)
class _Fresh:
    """The command was not taken before and does not come too late."""


@dataclass(frozen=True, slots=True)
class _Overtaken:
    """The account is no longer what the decision was made on."""


class RecordedAccounts:
    """Changes accounts, each change in the trail before it is made."""

    def __init__(self, accounts: AccountRecords, trail: Trail) -> None:
        self._accounts, self._trail = accounts, trail

    async def earlier(
        self, account_id: str, command: Command
    ) -> Saved[Account] | Conflict[Account] | KeyReused | None:
        """Tell what became of the same command before, or that it comes too late; None: neither."""
        answer = await self._accounts.change(account_id, lambda _: _Fresh(), command)
        return None if isinstance(answer, _Fresh) else answer

    async def change(
        self, account_id: str, decide: "Decide[Refusal]", command: Command
    ) -> Saved[Account] | Conflict[Account] | KeyReused | Refusal:
        """Save what is decided, recorded first; a repeat, a stale version and a refusal leave no trace.

        Whether there is anything to record, a rehearsal that saves nothing finds out. Where somebody else
        was faster between the two, the trail says `account.change_dropped` and all is decided anew: only
        a process that dies in between leaves a deed in the trail that never happened.

        Raises NeverSettled.
        """
        for _ in range(_RACES_MOST):
            rehearsed = await self._accounts.change(account_id, partial(_rehearse, decide=decide), command)
            if not isinstance(rehearsed, _Rehearsed):
                return rehearsed
            if not isinstance(rehearsed.decided, Changed):
                return rehearsed.decided
            result = await self._do(account_id, rehearsed.state, rehearsed.decided, command)
            if not isinstance(result, _Overtaken):
                return result
        raise NeverSettled(account_id)

    async def _do(
        self, account_id: str, seen: Account | None, decided: Changed[Account], command: Command
    ) -> Saved[Account] | Conflict[Account] | KeyReused | _Overtaken:
        deed = _deed(decided, command.by)
        await self._trail.record(deed, command.at)
        result = await self._accounts.change(account_id, partial(_if_still, seen, decided), command)
        if not isinstance(result, Saved) or result.repeated:
            dropped = replace(deed, action="account.change_dropped", details={"change": deed.action})
            await self._trail.record(dropped, command.at)
        return result


def _rehearse(account: Account | None, *, decide: "Decide[Refusal]") -> _Rehearsed[Refusal]:
    return _Rehearsed(account, decide(account))


def _if_still(
    seen: Account | None, decided: Changed[Account], present: Account | None
) -> Changed[Account] | _Overtaken:
    return decided if present == seen else _Overtaken()


def _deed(decided: Changed[Account], by: str) -> Deed:
    """Tell what an account will be. An account of one tenant is told to that tenant's auditors."""
    account = decided.state
    tenant = account.tenants[0] if len(account.tenants) == 1 else ANYWHERE
    details = {
        "kind": account.kind.value,
        "tenants": list(account.tenants),
        "roles": [role.value for role in account.roles],
        "disabled": account.disabled,
    }
    return Deed(decided.what, by, tenant, f"account/{account.id}", details)

"""Apply, check and read tenants' configurations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from directory.application.ports import CheckConfiguration, Deed, TenantRecords, Trail
from directory.domain.tenant import Application, Tenant, Unchanged, apply, slots_for
from service_kit.decisions import Changed, Command, Conflict, KeyReused, Saved
from shared_schemas.tenant_changes import Change, changes_between
from shared_schemas.tenant_findings import Finding, FindingKind

_RACES_MOST = 5
_PATHS_MOST = 100


@dataclass(frozen=True, slots=True)
class Refused:
    """The configuration is refused whole; the last good one stays in force."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """How many partitions a topic has, and how many of them one tenant gets."""

    partitions: int
    slots_per_tenant: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying would change."""

    changes: tuple[Change, ...]


Applied = Saved[Tenant] | Unchanged | Conflict[Tenant] | KeyReused | Refused


class ApplyTenant:
    """Puts a configuration in force, after recording in the trail that it will be."""

    def __init__(
        self, tenants: TenantRecords, trail: Trail, check: CheckConfiguration, places: Places
    ) -> None:
        self._tenants, self._trail, self._check, self._places = tenants, trail, check, places

    async def __call__(self, code: str, value: object, command: Command) -> Applied:
        """Apply a configuration that came as JSON, or say everything that is wrong with it."""
        others = await self._tenants.all()
        checked = checked_for(self._check, code, value, others)
        if isinstance(checked, Refused):
            return checked
        wanted = Application(code, checked, command.by, command.at)
        slots = slots_for(
            self._places.partitions, self._places.slots_per_tenant, (one.state.slots for one in others)
        )
        result = await self._apply(wanted, slots, command)
        for _ in range(_RACES_MOST):
            if not isinstance(result, Conflict) or command.seen_version is not None:
                break
            result = await self._apply(wanted, slots, command)
        return result

    async def _apply(self, wanted: Application, slots: Sequence[int], command: Command) -> Applied:
        """Record, then do, and record where it came to nothing: a lost race, a repeat, a used key.

        Only after a crash does the trail say more than happened; it never says less.

        The version in force is remembered before it is replaced, so that the history has no holes.
        """
        kept = await self._tenants.get(wanted.code)
        state, version = (None, 0) if kept is None else (kept.state, kept.version)
        decided = apply(state, wanted, slots_if_new=slots)
        told = decided.state if isinstance(decided, Changed) else None
        if command.seen_version not in {None, version}:
            told = None
        if told is not None:
            await self._record("tenant.applied", told, command)
        if state is not None:
            await self._tenants.remember(state)
        if command.seen_version is None:
            command = replace(command, seen_version=version)
        decide = partial(_decide, wanted=wanted, slots=slots)
        result = await self._tenants.change(wanted.code, decide, command)
        if isinstance(result, Saved):
            await self._tenants.remember(result.state)
        if told is not None and (not isinstance(result, Saved) or result.repeated):
            await self._record("tenant.apply_dropped", told, command)
        return result

    async def _record(self, action: str, applied: Tenant, command: Command) -> None:
        paths = [change.path for change in applied.changes]
        deed = Deed(
            action,
            command.by,
            applied.code,
            f"tenant/{applied.code}",
            {"version": applied.version, "changes": len(paths), "paths": paths[:_PATHS_MOST]},
        )
        await self._trail.record(deed, command.at)


def _decide(
    tenant: Tenant | None, *, wanted: Application, slots: Sequence[int]
) -> Changed[Tenant] | Unchanged:
    return apply(tenant, wanted, slots_if_new=slots)


def checked_for(
    check: CheckConfiguration, code: str, value: object, others: Sequence[Saved[Tenant]]
) -> dict[str, object] | Refused:
    """Return the configuration in its kept form if it is good, is this tenant's and takes nobody's place."""
    checked = check.alone(value)
    if isinstance(checked, Sequence):
        return Refused(tuple(checked))
    if checked["code"] != code:
        return Refused((Finding(FindingKind.OTHER_FILE_NAME, "code", values={"code": checked["code"]}),))
    foreign = [one.state.configuration for one in others if one.state.code != code]
    taken = tuple(check.among(checked, foreign))
    return Refused(taken) if taken else dict(checked)


class ValidateTenant:
    """Says what applying would change, and changes nothing."""

    def __init__(self, tenants: TenantRecords, check: CheckConfiguration) -> None:
        self._tenants, self._check = tenants, check

    async def __call__(self, code: str, value: object) -> Preview | Refused:
        """Check a configuration that came as JSON."""
        others = await self._tenants.all()
        checked = checked_for(self._check, code, value, others)
        if isinstance(checked, Refused):
            return checked
        present = next((one.state.configuration for one in others if one.state.code == code), {})
        return Preview(tuple(changes_between(present, checked)))


class ReadTenants:
    """Tenants as they are and as they were."""

    def __init__(self, tenants: TenantRecords) -> None:
        self._tenants = tenants

    async def one(self, code: str) -> Saved[Tenant] | None:
        """Return a tenant, or None."""
        return await self._tenants.get(code)

    async def all(self) -> Sequence[Saved[Tenant]]:
        """Return every tenant."""
        return await self._tenants.all()

    async def history(self, code: str, *, before: int | None, limit: int) -> Sequence[Tenant]:
        """Return versions newest first; the one in force is always told, remembered yet or not."""
        kept = await self._tenants.get(code)
        if kept is None:
            return []
        if before is not None and before <= kept.state.version:
            return await self._tenants.history(code, before=before, limit=limit)
        older = await self._tenants.history(code, before=kept.state.version, limit=limit - 1)
        return [kept.state, *older]

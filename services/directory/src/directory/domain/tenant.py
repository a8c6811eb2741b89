"""A tenant as the directory keeps it: its configuration, the version in force, and its places on the bus."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service_kit.decisions import Changed
from shared_schemas.tenant_changes import Change, changes_between

TOPIC = "tenant.configured"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One regency and the configuration in force.

    Attributes:
        version: counts the configurations that were applied, from 1.
        slots: partitions that carry this tenant's events; given once, never changed (decision 12).
        configuration: plain JSON values, checked before it came here.
        changes: what this version changed against the one before it.
    """

    code: str
    version: int
    slots: tuple[int, ...]
    configuration: dict[str, Any]
    changes: tuple[Change, ...]
    applied_at: datetime
    applied_by: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same configuration is in force already; applying it again is dull."""

    tenant: Tenant


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody wants to be in force: a checked configuration."""

    code: str
    configuration: dict[str, Any]
    by: str
    at: datetime


def apply(
    tenant: Tenant | None, wanted: Application, *, slots_if_new: Sequence[int]
) -> Changed[Tenant] | Unchanged:
    """Put a configuration in force as the next version; the slots of the first apply stay for ever."""
    before = {} if tenant is None else tenant.configuration
    changes = tuple(changes_between(before, wanted.configuration))
    if tenant is not None and not changes:
        return Unchanged(tenant)
    applied = Tenant(
        code=wanted.code,
        version=1 if tenant is None else tenant.version + 1,
        slots=tuple(slots_if_new) if tenant is None else tenant.slots,
        configuration=wanted.configuration,
        changes=changes,
        applied_at=wanted.at,
        applied_by=wanted.by,
    )
    return Changed(applied, "tenant.applied", TOPIC)


def slots_for(partitions: int, wanted: int, taken: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """Choose the partitions of a new tenant: those that the fewest tenants use, lowest number first.

    A profile with fewer partitions than wanted gives all it has.
    """
    users = Counter(slot for slots in taken for slot in slots)
    least_used_first = sorted(range(partitions), key=lambda slot: (users[slot], slot))
    return tuple(sorted(least_used_first[:wanted]))

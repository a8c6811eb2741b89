"""What the doorways take and give, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from directory.application.ports import TrailEntry
from directory.domain.account import LONGEST_PASSWORD_BYTES, Account, Description
from directory.domain.tenant import Tenant
from service_kit.decisions import Saved
from service_kit.http import Body
from service_kit.identity import Kind, Role
from shared_schemas.tenant_changes import Change
from shared_schemas.tenant_findings import Finding

Password = Annotated[str, Field(max_length=LONGEST_PASSWORD_BYTES)]


class TokenOut(BaseModel):
    """A token, as RFC 6749 spells it."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name
    expires_in: int


class ChangeOut(BaseModel):
    """One difference between two configurations."""

    path: str
    before: str | None
    after: str | None

    @classmethod
    def of(cls, change: Change) -> Self:
        """Show a change."""
        return cls(path=change.path, before=change.before, after=change.after)


class AppliedOut(BaseModel):
    """The version in force after an apply."""

    tenant: str
    version: int
    unchanged: bool
    slots: tuple[int, ...]
    changes: list[ChangeOut]
    applied_at: datetime
    applied_by: str

    @classmethod
    def of(cls, tenant: Tenant, *, unchanged: bool = False) -> Self:
        """Show what is in force; an unchanged configuration has no changes."""
        changes = () if unchanged else tenant.changes
        return cls(
            tenant=tenant.code,
            version=tenant.version,
            unchanged=unchanged,
            slots=tenant.slots,
            changes=[ChangeOut.of(change) for change in changes],
            applied_at=tenant.applied_at,
            applied_by=tenant.applied_by,
        )


class TenantLine(BaseModel):
    """One tenant in a list."""

    tenant: str
    name: str
    abbreviation: str
    version: int
    slots: tuple[int, ...]
    applied_at: datetime

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        """Show a tenant in one line."""
        return cls(
            tenant=tenant.code,
            name=tenant.configuration["name"],
            abbreviation=tenant.configuration["abbreviation"],
            version=tenant.version,
            slots=tenant.slots,
            applied_at=tenant.applied_at,
        )


class TenantOut(TenantLine):
    """A tenant with its whole configuration."""

    applied_by: str
    configuration: dict[str, Any]

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        """Show all of a tenant."""
        line = TenantLine.of(tenant).model_dump()
        return cls(**line, applied_by=tenant.applied_by, configuration=tenant.configuration)


class VersionOut(BaseModel):
    """One version of a tenant's history."""

    version: int
    applied_at: datetime
    applied_by: str
    changes: list[ChangeOut]

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        """Show a version."""
        return cls(
            version=tenant.version,
            applied_at=tenant.applied_at,
            applied_by=tenant.applied_by,
            changes=[ChangeOut.of(change) for change in tenant.changes],
        )


class PreviewOut(BaseModel):
    """What applying a configuration would change."""

    valid: bool = True
    changes: list[ChangeOut]


def finding_out(finding: Finding) -> dict[str, object]:
    """Show a finding: for programs, and as a sentence in both languages."""
    return {
        "kind": finding.kind.value,
        "field": finding.field,
        "values": dict(finding.values),
        "message": {"id": finding.sentence("id"), "en": finding.sentence("en")},
    }


class DescriptionIn(Body):
    """What an administrator says of an account."""

    name: str
    kind: Kind
    tenants: frozenset[str] = Field(description="Codes; or * for every tenant (platform roles only).")
    roles: frozenset[Role]
    agency: str | None = None
    disabled: bool = False

    def description(self) -> Description:
        """Return it as the domain takes it."""
        return Description(self.name, self.kind, self.tenants, self.roles, self.agency, self.disabled)


class NewAccountIn(DescriptionIn):
    """A new account. Its id is the author of all it does: choose a desk's or a robot's, no person's name."""

    id: str
    password: Password


class PasswordIn(Body):
    """A new password."""

    password: Password


class OwnPasswordIn(PasswordIn):
    """A new password, with the present one as proof."""

    present: Password


class AccountOut(BaseModel):
    """An account; its password's hash never leaves the directory."""

    id: str
    version: int
    name: str
    kind: Kind
    tenants: tuple[str, ...]
    roles: tuple[Role, ...]
    agency: str | None
    disabled: bool
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, saved: Saved[Account]) -> Self:
        """Show an account."""
        account = saved.state
        return cls(
            id=account.id,
            version=saved.version,
            name=account.name,
            kind=account.kind,
            tenants=account.tenants,
            roles=account.roles,
            agency=account.agency,
            disabled=account.disabled,
            created_at=account.created_at,
            changed_at=account.changed_at,
        )


class EntryOut(BaseModel):
    """One entry of the audit trail; `place` is where the next page begins."""

    id: str
    place: str
    at: str
    action: str
    by: str
    tenant: str
    subject: str
    details: dict[str, Any]
    hash: str

    @classmethod
    def of(cls, entry: TrailEntry) -> Self:
        """Show an entry."""
        return cls(
            id=entry.id,
            place=entry.place,
            at=entry.at,
            action=entry.action,
            by=entry.by,
            tenant=entry.tenant,
            subject=entry.subject,
            details=dict(entry.details),
            hash=entry.hash,
        )

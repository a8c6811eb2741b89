"""Doorways to tenants: apply, check, read, and what was in force before."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Response

from directory.api.wire import (
    AppliedOut,
    ChangeOut,
    PreviewOut,
    TenantLine,
    TenantOut,
    VersionOut,
    finding_out,
)
from directory.application.tenants import ApplyTenant, ReadTenants, Refused, ValidateTenant
from directory.domain.tenant import Tenant, Unchanged
from service_kit.http import (
    Commanded,
    Problem,
    granted,
    mark_version,
    principal,
    saved_or_problem,
    unknown,
)
from service_kit.identity import Action, Principal, allowed

Code = Annotated[str, Path(pattern=r"^\d\d\.\d\d$", description="Kemendagri code, such as 53.03.")]
LATEST_VERSION = 2**31 - 1
"""More than a tenant can ever have; a larger number fits no store."""
Version = Annotated[int, Path(ge=1, le=LATEST_VERSION)]
Configuration = Annotated[dict[str, Any], Body(description="A configuration: tenant.schema.json, as JSON.")]
Reader = Annotated[Principal, Depends(granted(Action.READ_TENANTS))]
Keeper = Annotated[Principal, Depends(granted(Action.APPLY_TENANT))]


def router(apply: ApplyTenant, validate: ValidateTenant, read: ReadTenants) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1/tenants", tags=["tenants"])
    _add_reading(doors, read)

    @doors.put("/{tenant}")
    async def put_tenant(
        tenant: Code, value: Configuration, _: Keeper, command: Commanded, response: Response
    ) -> AppliedOut:
        """Put a configuration in force, whole. 422 tells every error; the same one again is dull."""
        result = await apply(tenant, value, command)
        if isinstance(result, Refused):
            raise _refused(result)
        if isinstance(result, Unchanged):
            mark_version(response, result.tenant.version)
            return AppliedOut.of(result.tenant, unchanged=True)
        saved = saved_or_problem(result, what="tenant", current=TenantOut.of)
        mark_version(response, saved.version, repeated=saved.repeated)
        return AppliedOut.of(saved.state)

    @doors.post("/{tenant}/validate")
    async def post_validate(tenant: Code, value: Configuration, _: Keeper) -> PreviewOut:
        """Say what applying would change, and change nothing."""
        result = await validate(tenant, value)
        if isinstance(result, Refused):
            raise _refused(result)
        return PreviewOut(changes=[ChangeOut.of(change) for change in result.changes])

    return doors


def _add_reading(doors: APIRouter, read: ReadTenants) -> None:
    @doors.get("")
    async def list_tenants(who: Annotated[Principal, Depends(principal)]) -> dict[str, list[TenantLine]]:
        """List the tenants that the asker may read."""
        every = await read.all()
        own = [one.state for one in every if allowed(who, Action.READ_TENANTS, one.state.code)]
        return {"items": [TenantLine.of(tenant) for tenant in own]}

    @doors.get("/{tenant}")
    async def get_tenant(tenant: Code, _: Reader, response: Response) -> TenantOut:
        """Show a tenant's configuration; its ETag is the version to send back with If-Match."""
        kept = await read.one(tenant)
        if kept is None:
            raise unknown("tenant")
        mark_version(response, kept.version)
        return TenantOut.of(kept.state)

    @doors.get("/{tenant}/history")
    async def get_history(
        tenant: Code,
        _: Reader,
        before: Annotated[int | None, Query(ge=1, le=LATEST_VERSION)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> dict[str, list[VersionOut]]:
        """List versions, newest first; go on with `before` = the last version of a page."""
        versions = await read.history(tenant, before=before, limit=limit)
        return {"items": [VersionOut.of(version) for version in versions]}

    @doors.get("/{tenant}/history/{version}")
    async def get_version(tenant: Code, version: Version, _: Reader) -> TenantOut:
        """Show a tenant's configuration as it was in one version."""
        return TenantOut.of(await _of_version(read, tenant, version))


async def _of_version(read: ReadTenants, tenant: str, version: int) -> Tenant:
    found = await read.history(tenant, before=version + 1, limit=1)
    if not found or found[0].version != version:
        raise unknown("version")
    return found[0]


def _refused(result: Refused) -> Problem:
    errors = [finding_out(finding) for finding in result.findings]
    detail = (
        f"The configuration is refused whole, for {len(errors)} reason(s); the last good one stays in force."
    )
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "configuration_refused", detail, errors=errors)

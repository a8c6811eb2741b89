"""What the directory hears and says, and how a configuration is judged: the one room with wire models."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from directory.application.ports import CheckConfiguration, Checked
from directory.domain.tenant import TOPIC, Tenant
from shared_schemas.events import TenantConfigured
from shared_schemas.tenant_files import as_plain, check_configuration, check_together
from shared_schemas.tenant_findings import Finding
from shared_schemas.tenants import TenantConfiguration

SOURCE = "directory"
HEARS: frozenset[str] = frozenset()
SAYS: frozenset[str] = frozenset({TOPIC})


def tenant_configured(tenant: Tenant, _: datetime) -> TenantConfigured:
    """Return the event that tells a tenant's configuration."""
    return TenantConfigured(
        tenant=tenant.code,
        version=tenant.version,
        slots=tenant.slots,
        configuration=TenantConfiguration.model_validate(tenant.configuration),
        applied_at=tenant.applied_at,
        applied_by=tenant.applied_by,
    )


class CheckByContract(CheckConfiguration):
    """Judges configurations by the model that every service reads."""

    def alone(self, value: object) -> Checked:
        """Check one configuration; the answer is it in its kept form, or its findings."""
        checked = check_configuration(value)
        return as_plain(checked) if isinstance(checked, TenantConfiguration) else checked

    def among(
        self, configuration: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
    ) -> Sequence[Finding]:
        """Check that this tenant claims nothing that another has; the others are there first."""
        models = [TenantConfiguration.model_validate(one) for one in [*others, configuration]]
        own = f"{configuration['code']}.yaml"
        return [finding for finding in check_together(models) if finding.file == own]

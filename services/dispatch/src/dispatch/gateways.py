"""The tenants' plans, from the configurations that the kit keeps current."""

from dispatch.application.ports import Plans, PlanUnknown
from dispatch.contracts import plan_of
from dispatch.domain.plan import Plan
from service_kit.tenancy import Tenants


class TenantPlans(Plans):
    """Plans by tenant; each version of a configuration is read once."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants
        self._plans: dict[str, Plan] = {}

    def of(self, tenant: str) -> Plan:
        """Return the plan in force. Raises PlanUnknown while the tenant's configuration is not here."""
        configured = self._tenants.get(tenant)
        if configured is None:
            raise PlanUnknown(f"tenant {tenant} is not configured yet")
        kept = self._plans.get(tenant)
        if kept is None or kept.version != configured.version:
            kept = self._plans[tenant] = plan_of(configured)
        return kept

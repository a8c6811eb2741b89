"""Whose calls come from where: read from the tenants' newest configurations."""

from intake.domain.facts import Trunk
from intake.domain.queue_log import Exchange
from service_kit.tenancy import Tenants


class ConfiguredTrunks:
    """The trunk directory on top of the tenants that this replica knows."""

    def __init__(self, tenants: Tenants) -> None:
        """Look into these tenants at every question, so that a change holds at once."""
        self._tenants = tenants

    def exchange(self, exchange_id: str) -> Exchange:
        """Return an exchange with its queues; a queue that two tenants claim is the first one's.

        An exchange that two claim whole is neither's: its lines are kept raw, and said.
        """
        queues: dict[str, Trunk] = {}
        whole: list[Trunk] = []
        for configured in self._tenants.all():
            for described in configured.configuration.trunks:
                if described.exchange == exchange_id:
                    trunk = Trunk(configured.tenant, described.id)
                    whole += [] if described.queues else [trunk]
                    for queue in described.queues:
                        queues.setdefault(queue, trunk)
        return Exchange(exchange_id, queues, whole[0] if len(whole) == 1 else None)

    def trunk(self, tenant: str, trunk_id: str) -> Trunk | None:
        """Return a tenant's trunk, or None where it has no such one."""
        configured = self._tenants.get(tenant)
        known = configured.configuration.trunks if configured is not None else ()
        return Trunk(tenant, trunk_id) if any(trunk.id == trunk_id for trunk in known) else None

"""What intake says of a call reaches the desk."""

from datetime import datetime
from functools import partial

from service_kit.decisions import Heard
from triage.application.ports import Catalogues, DeskCalls
from triage.domain.desk_call import CallFacts, hear_facts


class TenantUnheardOf(LookupError):
    """A call of a tenant whose configuration is not here could not be taken; it is taken again later."""


class HearCall:
    """A call that intake tells of lies on the desk; an older telling changes nothing."""

    def __init__(self, calls: DeskCalls, catalogues: Catalogues) -> None:
        self._calls = calls
        self._catalogues = catalogues

    async def __call__(
        self, tenant: str, call_id: str, facts: CallFacts, *, recorded_at: datetime, heard: Heard
    ) -> None:
        """Take the facts.

        Raises:
            TenantUnheardOf: without the tenant's clocks no deadline can be set.
        """
        catalogue = self._catalogues(tenant)
        if catalogue is None:
            raise TenantUnheardOf(tenant)
        decide = partial(
            hear_facts,
            tenant=tenant,
            call_id=call_id,
            facts=facts,
            recorded_at=recorded_at,
            classify_within=catalogue.classify_within,
            configuration_version=catalogue.version,
        )
        await self._calls.change(tenant, call_id, decide, heard=heard)

"""A deadline has come: the ladder goes on."""

from dispatch.application.outcomes import NothingToDo, changed
from dispatch.application.ports import Plans, PlanUnknown, Responses
from dispatch.domain.response import Response
from dispatch.domain.settling import settle
from service_kit.clock import Clock
from service_kit.decisions import Changed

DEADLINE = "deadline.passed"


class MeetDeadline:
    """Lets one response act at this time: ask the next, flag what is overdue, call a supervisor."""

    def __init__(self, responses: Responses, plans: Plans, clock: Clock) -> None:
        self._responses = responses
        self._plans = plans
        self._clock = clock

    async def __call__(self, tenant: str, ticket_id: str) -> object:
        """Act on what is due; while the tenant's plan is not here the deadline waits."""
        try:
            plan = self._plans.of(tenant)
        except PlanUnknown:
            return NothingToDo()

        def decide(old: Response | None) -> Changed[Response] | NothingToDo:
            if old is None:
                return NothingToDo()
            new = settle(old, plan, self._clock())
            return NothingToDo() if new == old else changed(old, new, what=DEADLINE)

        return await self._responses.change(tenant, ticket_id, decide)

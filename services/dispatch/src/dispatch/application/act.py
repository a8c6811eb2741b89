"""People act on a response: call off, accept a gap, ask again."""

from collections.abc import Callable

from dispatch.application.outcomes import changed
from dispatch.application.ports import Plans, Responses
from dispatch.domain import deeds
from dispatch.domain.plan import Plan
from dispatch.domain.response import Response
from service_kit.decisions import Changed, Command, Conflict, KeyReused, NotPossible, Saved, Unknown

Done = Saved[Response] | Conflict[Response] | KeyReused | NotPossible | Unknown
Deed = Callable[[Response, Plan], Response | NotPossible | Unknown]


class Act:
    """Does what a person asks, once for each idempotency key."""

    def __init__(self, responses: Responses, plans: Plans) -> None:
        self._responses = responses
        self._plans = plans

    async def cancel(self, tenant: str, ticket_id: str, task_id: str, command: Command) -> Done:
        """Call a task off for the command's reason."""

        def deed(response: Response, plan: Plan) -> Response | NotPossible | Unknown:
            return deeds.cancel(response, task_id, command.reason, plan, command.at)

        return await self._do(tenant, ticket_id, "task.cancelled", deed, command)

    async def accept_gap(self, tenant: str, ticket_id: str, task_id: str, command: Command) -> Done:
        """Do without an agency that brought no help, for the command's reason."""

        def deed(response: Response, plan: Plan) -> Response | NotPossible | Unknown:
            return deeds.accept_gap(response, task_id, command.reason, plan, command.at)

        return await self._do(tenant, ticket_id, "gap.accepted", deed, command)

    async def offer_again(
        self, tenant: str, ticket_id: str, task_id: str, contact: str | None, command: Command
    ) -> Done:
        """Have the agency asked once more: a named contact, or the next."""

        def deed(response: Response, plan: Plan) -> Response | NotPossible | Unknown:
            return deeds.offer_again(response, task_id, contact, plan, command.at)

        return await self._do(tenant, ticket_id, "task.offered_again", deed, command)

    async def _do(self, tenant: str, ticket_id: str, what: str, deed: Deed, command: Command) -> Done:
        plan = self._plans.of(tenant)

        def decide(old: Response | None) -> Changed[Response] | NotPossible | Unknown:
            if old is None:
                return Unknown()
            new = deed(old, plan)
            return changed(old, new, what=what) if isinstance(new, Response) else new

        return await self._responses.change(tenant, ticket_id, decide, command=command)

"""Dispatch follows what tickets, agencies and deliveries tell."""

from collections.abc import Callable

from dispatch.application.outcomes import NothingToDo, changed
from dispatch.application.ports import Plans, Responses
from dispatch.domain.deeds import hear_not_delivered
from dispatch.domain.facts import Closing, Fact, NotDelivered, Reply, Ticket
from dispatch.domain.plan import Plan
from dispatch.domain.replies import hear_reply
from dispatch.domain.response import Response
from dispatch.domain.settling import settle
from dispatch.domain.tickets import hear_closing, hear_ticket
from service_kit.clock import Clock
from service_kit.decisions import Changed, Heard

Fold = Callable[[Response | None], Response | None]


class Follow:
    """Folds a fact into the response to its ticket; a repeat, or an older state, changes nothing."""

    def __init__(self, responses: Responses, plans: Plans, clock: Clock) -> None:
        self._responses = responses
        self._plans = plans
        self._clock = clock

    async def __call__(self, fact: Fact, heard: Heard) -> object:
        """Take one fact. Raises PlanUnknown while the tenant's plan is not here."""
        plan = self._plans.of(fact.tenant)

        def decide(old: Response | None) -> Changed[Response] | NothingToDo:
            new = self._fold(fact, plan, old)
            if new is None:
                return NothingToDo()
            return changed(old, new, what=_named(fact), why=_said(fact))

        return await self._responses.change(fact.tenant, fact.ticket_id, decide, heard=heard)

    def _fold(self, fact: Fact, plan: Plan, old: Response | None) -> Response | None:
        now = self._clock()
        if isinstance(fact, Ticket):
            return hear_ticket(old, fact, plan, now)
        if isinstance(fact, Closing):
            return hear_closing(old, fact, now)
        known = old or Response(fact.tenant, fact.ticket_id)
        if isinstance(fact, Reply):
            return settle(hear_reply(known, fact), plan, now)
        return hear_not_delivered(known, fact, plan, now)


def _named(fact: Fact) -> str:
    names = {
        Ticket: "ticket.heard",
        Closing: "closing.heard",
        Reply: "reply.heard",
        NotDelivered: "delivery.failed",
    }
    return names[type(fact)]


def _said(fact: Fact) -> str:
    """Say what an agency said, also where it changes nothing, so that the timeline has it."""
    if isinstance(fact, Reply):
        return f"{fact.agency} says {fact.kind}"
    return ""

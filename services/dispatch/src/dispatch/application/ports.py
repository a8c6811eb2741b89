"""What the use cases need from outside, as small interfaces."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from dispatch.domain.plan import Plan
from dispatch.domain.response import Response
from service_kit.decisions import Changed, Command, Conflict, Heard, KeyReused, Saved

Refusal = TypeVar("Refusal")


class PlanUnknown(LookupError):
    """The tenant's plan is not here (yet); the same thing may work as soon as it is."""


class Plans(Protocol):
    """The tenants' plans that are in force."""

    def of(self, tenant: str) -> Plan:
        """Return a tenant's plan. Raises PlanUnknown."""


class Responses(Protocol):
    """Where responses are kept; the ticket's id is the response's."""

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[Response | None], Changed[Response] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[Response] | Conflict[Response] | KeyReused | Refusal:
        """Load one response, decide, save it and tell it."""

"""What the doorways to calls and tickets have in common."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel

from service_kit.decisions import Conflict, Saved
from service_kit.http import Problem, saved_or_problem
from service_kit.store import Kept
from triage.api.curtain import Look
from triage.domain.catalogue import NotInCatalogue

State = TypeVar("State")

TenantCode = Annotated[str, Path(pattern=r"^\d\d\.\d\d$", description="Kemendagri code, such as 53.03.")]
CallId = Annotated[str, Path(max_length=64)]
TicketName = Annotated[str, Path(max_length=64, description="A ticket's id or its number.")]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[str | None, Query(max_length=120, description="`next` of the page before.")]


class Reads(Protocol[State]):
    """One kind of aggregate, as people look it up; never decides anything."""

    async def kept(self, tenant: str, id_: str) -> Kept[State] | None:
        """Return one with its version and timeline."""

    async def page(
        self, tenant: str, view: str | None, *, limit: int, after: str | None
    ) -> tuple[Sequence[Kept[State]], str | None]:
        """Return one page and where the next one begins."""


async def saved_or_raised(
    result: object, look: Look, what: str, show: Callable[[Any, int, Look], Awaitable[BaseModel]]
) -> Saved[Any]:
    """Return what was saved, or raise the problem; a lost race shows the newer state as `current`."""
    current: BaseModel | None = None
    if isinstance(result, Conflict):
        current = await show(result.state, result.version, look)
    return saved_or_problem(result, what=what, current=lambda _: current)


def not_in_catalogue(result: NotInCatalogue) -> Problem:
    """Return the answer to a word that the tenant's configuration does not have."""
    detail = f"This tenant's configuration has no such {result.field}. Take one of `allowed`."
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "not_in_catalogue",
        detail,
        field=result.field,
        allowed=list(result.allowed),
    )

"""Months and definitions over HTTP."""

from http import HTTPStatus
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from service_kit.decisions import Unknown
from service_kit.http import Problem, granted, principal, unknown
from service_kit.identity import Action, Principal
from statistics_service.application.ports import Months
from statistics_service.application.tell_recap import TellRecap
from statistics_service.domain.indicators import INDICATORS, Indicator
from statistics_service.domain.months import MonthUnreadable, read_month
from statistics_service.domain.recap import Profile, Recap

Reader = Annotated[Principal, Depends(granted(Action.READ_FIGURES))]
Anybody = Annotated[Principal, Depends(principal)]


class MonthsOut(BaseModel):
    """The months that have calls or tickets, oldest first."""

    items: list[str]
    next: None = None


class DefinitionsOut(BaseModel):
    """The indicator dictionary."""

    items: list[Indicator]
    next: None = None


class FigureOut(BaseModel):
    """One figure; its definition stands under its indicator's name."""

    model_config = ConfigDict(from_attributes=True)

    indicator: str
    value: float | int | None
    of: str
    numerator: int | None
    denominator: int | None
    sample: int | None
    required: float | None
    met: bool | None


class SumCheckOut(BaseModel):
    """Two ways to the same number."""

    model_config = ConfigDict(from_attributes=True)

    left: str
    right: str
    left_value: int
    right_value: int
    holds: bool


class RecapOut(BaseModel):
    """One tenant's month, with everything that is needed to check it."""

    tenant: str
    month: str
    profile: Profile
    figures: list[FigureOut]
    checks: list[SumCheckOut]
    adds_up: bool
    sources: tuple[str, ...]
    unseen_by_sources: tuple[str, ...]
    definitions: dict[str, Indicator]

    @classmethod
    def of(cls, tenant: str, month: str, told: Recap) -> Self:
        """Show a recap."""
        used = dict.fromkeys(figure.indicator for figure in told.figures)
        return cls(
            tenant=tenant,
            month=month,
            profile=told.profile,
            figures=[FigureOut.model_validate(one) for one in told.figures],
            checks=[SumCheckOut.model_validate(one) for one in told.checks],
            adds_up=all(one.holds for one in told.checks),
            sources=told.sources,
            unseen_by_sources=told.unseen,
            definitions={key: INDICATORS[key] for key in used},
        )


def router(tell: TellRecap, months: Months) -> APIRouter:
    """Return the doorways to the figures."""
    doors = APIRouter(tags=["figures"])

    @doors.get("/v1/tenants/{tenant}/recaps")
    async def list_months(tenant: str, _: Reader) -> MonthsOut:
        """List the months that have calls or tickets."""
        return MonthsOut(items=await months.known(tenant))

    @doors.get("/v1/tenants/{tenant}/recaps/{month}")
    async def show_month(tenant: str, month: str, _: Reader) -> RecapOut:
        """Tell a month's figures with their definitions and sum checks."""
        told = await tell(tenant, _month(month))
        if isinstance(told, Unknown):
            raise unknown("tenant")
        return RecapOut.of(tenant, month, told)

    @doors.get("/v1/definitions")
    async def definitions(_: Anybody) -> DefinitionsOut:
        """Tell the indicator dictionary, the same for all tenants."""
        return DefinitionsOut(items=list(INDICATORS.values()))

    return doors


def _month(text: str) -> str:
    try:
        return read_month(text)
    except MonthUnreadable as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "month_unreadable", f"{error}.") from error

"""Months and definitions over HTTP."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from service_kit.decisions import Unknown
from service_kit.http import Problem, granted, principal, unknown
from service_kit.identity import Action, Principal
from statistics_service.application.ports import Months
from statistics_service.application.tell_recap import TellRecap
from statistics_service.domain.indicators import INDICATORS
from statistics_service.domain.months import MonthUnreadable, read_month
from statistics_service.domain.recap import Figure, Recap, SumCheck

Reader = Annotated[Principal, Depends(granted(Action.READ_FIGURES))]
Anybody = Annotated[Principal, Depends(principal)]


def router(tell: TellRecap, months: Months) -> APIRouter:
    """Return the doorways to the figures."""
    doors = APIRouter(tags=["figures"])

    @doors.get("/v1/tenants/{tenant}/recaps")
    async def list_months(tenant: str, _: Reader) -> dict[str, Any]:
        """List the months that have calls or tickets."""
        return {"items": await months.known(tenant), "next": None}

    @doors.get("/v1/tenants/{tenant}/recaps/{month}")
    async def show_month(tenant: str, month: str, _: Reader) -> dict[str, Any]:
        """Tell a month's figures with their definitions and sum checks."""
        told = await tell(tenant, _month(month))
        if isinstance(told, Unknown):
            raise unknown("tenant")
        return {"tenant": tenant, "month": month, **_shown(told)}

    @doors.get("/v1/definitions")
    async def definitions(_: Anybody) -> dict[str, Any]:
        """Tell the indicator dictionary, the same for all tenants."""
        return {"items": [asdict(one) for one in INDICATORS.values()], "next": None}

    return doors


def _month(text: str) -> str:
    try:
        return read_month(text)
    except MonthUnreadable as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "month_unreadable", f"{error}.") from error


def _shown(told: Recap) -> dict[str, Any]:
    used = dict.fromkeys(figure.indicator for figure in told.figures)
    return {
        "profile": asdict(told.profile),
        "figures": [_figure(one) for one in told.figures],
        "checks": [_check(one) for one in told.checks],
        "adds_up": all(one.holds for one in told.checks),
        "sources": list(told.sources),
        "unseen_by_sources": list(told.unseen),
        "definitions": {key: asdict(INDICATORS[key]) for key in used},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {**asdict(figure), "met": figure.met}


def _check(check: SumCheck) -> dict[str, Any]:
    return {**asdict(check), "holds": check.holds}

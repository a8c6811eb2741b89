"""The figures counted again from the log, without a line of the service that shows them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.faults.counting import Month, figures_of
from tests.faults.history import Figure, Figures, Json, Said

CONFIGURED = "tenant.configured"

NAMED_PROFILES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "nena_2020": ((15, 0.90), (20, 0.95)),
    "nfpa_1225_2022": ((10, 0.90),),
}
"""NENA-STA-020.1-2020 and NFPA 1225 (2022), as the field guide has them."""


def recount(log: Iterable[Said]) -> Mapping[str, Figures]:
    """Count every tenant's figures, month by month, from the newest state of each aggregate."""
    newest: dict[tuple[str, str], Said] = {}
    for said in log:
        if said.topic == "ticket.closed":
            continue
        known = newest.get(said.about)
        if known is None or said.sequence > known.sequence:
            newest[said.about] = said
    of_tenant: dict[str, list[Said]] = defaultdict(list)
    for said in newest.values():
        of_tenant[said.tenant].append(said)
    return {tenant: dict(_figures(told)) for tenant, told in of_tenant.items()}


def _figures(newest: list[Said]) -> Iterator[tuple[tuple[str, str, str], Figure]]:
    configured = next((one.body["configuration"] for one in newest if one.topic == CONFIGURED), None)
    if configured is None:
        return
    for name, month in _months(newest, ZoneInfo(configured["time_zone"])).items():
        for (indicator, part), figure in figures_of(month, _thresholds(configured)).items():
            yield (name, indicator, part), figure


def _thresholds(configured: Json) -> tuple[tuple[float, float], ...]:
    own = tuple((one["within_seconds"], one["share"]) for one in configured["own_thresholds"])
    return NAMED_PROFILES.get(configured["profile"], own)


def _months(newest: list[Said], zone: ZoneInfo) -> Mapping[str, Month]:
    """Put every call and ticket into the tenant's local month, and what follows from it there too."""
    months: dict[str, Month] = defaultdict(Month)
    desks = {one.body["call_id"]: one.body["desk"] for one in newest if _is(one, "triage", "call")}
    tasks = {one.body["ticket_id"]: one.body["tasks"] for one in newest if _is(one, "dispatch", "response")}
    for one in newest:
        if _is(one, "intake", "call"):
            month = months[_month(one.body["started_at"], zone)]
            month.calls.append((one.body, desks.get(one.body["call_id"]) or {}))
        elif _is(one, "triage", "ticket"):
            month = months[_month(one.body["opened_at"], zone)]
            month.tickets.append((one.body, tasks.get(one.body["ticket_id"], ())))
    return months


def _is(said: Said, source: str, kind: str) -> bool:
    return said.source == source and said.subject.partition("/")[0] == kind


def _month(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m}"

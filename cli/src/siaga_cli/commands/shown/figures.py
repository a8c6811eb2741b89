"""A month's recap on the screen."""

from collections.abc import Mapping, Sequence
from typing import Any

from siaga_cli.client import Answer, Tenant
from siaga_cli.commands.shown.tables import say, show_pairs, show_table
from siaga_cli.commands.shown.words import word
from siaga_cli.wording import language, text

Figure = Mapping[str, Any]
_NAMED_BY_TENANT = frozenset(("tickets_by_type",))
_NAMED_BY_AGENCY = frozenset(("tasks_by_agency", "tasks_by_agency_and_status"))


def show_recap(
    tenant: Tenant, month: str, told: Answer, figures: Sequence[Figure], *, definitions: bool
) -> None:
    """Print figures, checks, blind spots, and (if asked for) every definition in full."""
    known = _mapping(told.get("definitions"))
    profile = _mapping(told.get("profile"))
    say(text("Recap of {month}: {name} ({code})", month=month, name=tenant.name, code=tenant.code))
    show_table(
        [text("Figure"), text("Value"), text("Counted as")],
        [[_name(tenant, one, known), _value(one, known), _short(one, known)] for one in figures],
    )
    say(text("Answering thresholds: profile {profile}", profile=profile.get("name", "-")))
    _show_checks(told, known)
    _show_blind_spots(told)
    if definitions:
        _show_definitions(known)
    else:
        say(text("Every definition in full: --definitions"))


def _name(tenant: Tenant, figure: Figure, known: Mapping[str, Any]) -> str:
    key = str(figure.get("indicator", "?"))
    name = _title(key, known)
    part = str(figure.get("of") or "")
    return f"{name}: {_part(tenant, key, part)}" if part else name


def _part(tenant: Tenant, key: str, part: str) -> str:
    if key in _NAMED_BY_TENANT:
        return tenant.incident_type(part)
    if key in _NAMED_BY_AGENCY:
        agency, _, status = part.partition("/")
        return f"{tenant.agency(agency)}, {word(status)}" if status else tenant.agency(agency)
    return word(part)


def _title(key: str, known: Mapping[str, Any]) -> str:
    definition = _mapping(known.get(key))
    return str(definition.get("english" if language() == "en" else "indonesian") or key)


def _value(figure: Figure, known: Mapping[str, Any]) -> str:
    value = figure.get("value")
    unit = _mapping(known.get(str(figure.get("indicator")))).get("unit")
    if not isinstance(value, int | float):
        return text("no sample")
    if unit == "share":
        return f"{value * 100:.1f}%{_fraction(figure)}{_verdict(figure)}"
    if unit == "seconds":
        return text("{seconds} s (of {sample})", seconds=f"{value:g}", sample=figure.get("sample", "?"))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _fraction(figure: Figure) -> str:
    numerator, denominator = figure.get("numerator"), figure.get("denominator")
    return "" if numerator is None else f" ({numerator}/{denominator})"


def _verdict(figure: Figure) -> str:
    required = figure.get("required")
    if not isinstance(required, int | float):
        return ""
    met = figure.get("met")
    reached = text("reached") if met else text("not reached")
    return " " + text("goal {share}%: {verdict}", share=f"{required * 100:g}", verdict=reached)


def _short(figure: Figure, known: Mapping[str, Any]) -> str:
    return str(_mapping(known.get(str(figure.get("indicator")))).get("formula", "-"))


def _show_checks(told: Answer, known: Mapping[str, Any]) -> None:
    say("")
    say(text("Sum checks"))
    checks = [one for one in told.get("checks") or () if isinstance(one, Mapping)]
    rows = [
        [
            text("OK") if one.get("holds") else text("DIFFERS"),
            f"{_title(str(one.get('left', '?')), known)} = {one.get('left_value', '?')}",
            f"{one.get('right', '?')} = {one.get('right_value', '?')}",
        ]
        for one in checks
    ]
    show_table([text("Check"), text("Total"), text("Parts")], rows)


def _show_blind_spots(told: Answer) -> None:
    sources = ", ".join(word(one) for one in told.get("sources") or ()) or "-"
    say(text("Sources: {sources}", sources=sources))
    unseen = ", ".join(word(one) for one in told.get("unseen_by_sources") or ())
    if unseen:
        say(text("These sources cannot see: {unseen}. They are not in the figures.", unseen=unseen))


def _show_definitions(known: Mapping[str, Any]) -> None:
    say("")
    say(text("Definitions"))
    for key, definition in known.items():
        one = _mapping(definition)
        say(f"{_title(key, known)} [{key}, v{one.get('version', '?')}]")
        parts = [
            (text("Counted as"), one.get("formula")),
            (text("Unit"), one.get("unit")),
            (text("Clock of"), one.get("clock")),
            (text("Source"), one.get("source")),
        ]
        show_pairs([(f"  {name}", value) for name, value in parts])


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

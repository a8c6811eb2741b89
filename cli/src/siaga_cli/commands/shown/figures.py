"""A month's recap on the screen."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from siaga_cli.client import Answer, Tenant
from siaga_cli.commands.shown.formulas import formula, meaning
from siaga_cli.commands.shown.numbers import number
from siaga_cli.commands.shown.tables import say, show_pairs, show_table
from siaga_cli.commands.shown.words import word
from siaga_cli.wording import language, text

Figure = Mapping[str, Any]
_KEY = re.compile(r"(?P<key>[a-z]+(_[a-z0-9]+)+)(?: (?P<part>[a-z_]+))?")
_SECONDS = re.compile(r"([0-9.]+) s")
_NAMED_BY_AGENCY = frozenset(("tickets_by_agency", "tasks_by_agency", "tasks_by_agency_and_status"))


def show_recap(
    tenant: Tenant, month: str, told: Answer, figures: Sequence[Figure], *, definitions: bool
) -> None:
    """Print figures, checks, blind spots, and (if asked for) every definition in full."""
    known = _mapping(told.get("definitions"))
    profile = _mapping(told.get("profile"))
    say(text("Recap of {month}: {name} ({code})", month=month, name=tenant.name, code=tenant.code))
    rows = [row for one in _indicators(figures) for row in _rows(tenant, one, known)]
    show_table([text("Figure"), text("Value"), text("Counted as")], rows)
    say(text("Answering thresholds: profile {profile}", profile=profile.get("name", "-")))
    _show_checks(told, known)
    _show_blind_spots(told)
    if definitions:
        _show_definitions(known)
    else:
        say(text("Every definition in full: --definitions"))


def _indicators(figures: Sequence[Figure]) -> list[list[Figure]]:
    """Put the figures of one definition together, in the order in which they come."""
    grouped: dict[str, list[Figure]] = {}
    for one in figures:
        grouped.setdefault(str(one.get("indicator", "?")), []).append(one)
    return list(grouped.values())


def _rows(tenant: Tenant, figures: list[Figure], known: Mapping[str, Any]) -> list[list[str]]:
    """Return one definition's rows: its only figure, or a heading with a row for each part."""
    key = str(figures[0].get("indicator", "?"))
    title, counted = _title(key, known), formula(key, _mapping(known.get(key)))
    if not figures[0].get("of"):
        return [[title, _value(one, known), counted] for one in figures]
    parts = [
        [f"  {_part(tenant, key, str(one.get('of') or '-'))}", _value(one, known), ""] for one in figures
    ]
    return [[title, "", counted], *parts]


def _part(tenant: Tenant, key: str, part: str) -> str:
    if key == "tickets_by_type":
        return tenant.incident_type(part)
    if key == "tickets_by_common_type":
        return tenant.common_type(part)
    if key in _NAMED_BY_AGENCY:
        agency, _, status = part.partition("/")
        return f"{tenant.agency(agency)}, {word(status)}" if status else tenant.agency(agency)
    if seconds := _SECONDS.fullmatch(part):
        return text("{count} s", count=number(float(seconds[1])))
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
        return f"{number(value * 100, '.1f')}%{_fraction(figure)}{_verdict(figure)}"
    if unit == "seconds":
        return text("{seconds} s (of {sample})", seconds=number(value), sample=figure.get("sample", "?"))
    return number(value) if isinstance(value, float) else str(value)


def _fraction(figure: Figure) -> str:
    numerator, denominator = figure.get("numerator"), figure.get("denominator")
    return "" if numerator is None else f" ({numerator}/{denominator})"


def _verdict(figure: Figure) -> str:
    required = figure.get("required")
    if not isinstance(required, int | float):
        return ""
    met = figure.get("met")
    reached = text("reached") if met else text("not reached")
    return " " + text("goal {share}%: {verdict}", share=number(required * 100), verdict=reached)


def _show_checks(told: Answer, known: Mapping[str, Any]) -> None:
    say("")
    say(text("Sum checks"))
    checks = [one for one in told.get("checks") or () if isinstance(one, Mapping)]
    rows = [
        [
            text("OK") if one.get("holds") else text("DIFFERS"),
            f"{_sum(one.get('left'), known)} = {one.get('left_value', '?')}",
            f"{_sum(one.get('right'), known)} = {one.get('right_value', '?')}",
        ]
        for one in checks
    ]
    show_table([text("Check"), text("Total"), text("Parts")], rows)


def _sum(written: object, known: Mapping[str, Any]) -> str:
    """Say one side of a check with the figures' names instead of their keys."""
    return _KEY.sub(lambda found: _side(found, known), str(written)).replace("sum of", text("sum of"))


def _side(found: re.Match[str], known: Mapping[str, Any]) -> str:
    """Say a figure, or one of its parts such as `tickets_by_status closed`."""
    title, part = _title(found["key"], known), found["part"]
    return f"{title}: {word(part)}" if part else title


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
            (text("Counted as"), formula(key, one)),
            (text("Unit"), meaning(one.get("unit"))),
            (text("Clock of"), meaning(one.get("clock"))),
            (text("Source"), meaning(one.get("source"))),
        ]
        show_pairs([(f"  {name}", value) for name, value in parts])


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

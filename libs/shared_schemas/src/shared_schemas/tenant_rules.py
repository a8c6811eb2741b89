"""What a configuration must fulfil beyond its fields' types, looked at in raw values.

Raw, because then every broken rule is told together with every wrong field, not after it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic_core import ErrorDetails

from shared_schemas.tenant_findings import Finding, FindingKind
from shared_schemas.tenant_forms import FORMS
from shared_schemas.vocabulary import COMMON_INCIDENT_TYPES, ContactChannel

Raw = Mapping[str, Any]
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")
_LONGEST_SHOWN = 60
_LIKELY_AMONG: Final = 100
"""Words that a wrong one is compared with: the time to guess grows with their number and their lengths."""
_MOST_NAMED: Final = 30
SHORTEST_WAIT_SECONDS: Final = 1.0
"""Nobody answers faster; a mistyped 0.001 would ask every contact of a ladder at once. A rule for files, not
a bound of the model: what was told before the rule stays readable."""
_RESERVED: Final = frozenset({"supervisor"})
"""Deliveries name the supervisors like this, in the place of an agency: they carry no reply links."""
_ADDRESS: Final = {ContactChannel.WEBHOOK: "url", ContactChannel.EMAIL: "email"}
_PLAIN: Final = {
    "missing": FindingKind.MISSING,
    "string_too_short": FindingKind.EMPTY,
    "too_short": FindingKind.EMPTY,
    "string_too_long": FindingKind.TOO_LONG,
}
_BOUNDS: Final = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", "≥"),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "≤"),
}
_NEEDED: Final = {
    "float_type": ("angka", "a number"),
    "int_type": ("bilangan bulat", "a whole number"),
    "string_type": ("teks", "text"),
    "tuple_type": ("daftar", "a list"),
    "model_type": ("bagian berisi `kunci: nilai`", "a part with `key: value`"),
    "model_attributes_type": ("bagian berisi `kunci: nilai`", "a part with `key: value`"),
}


def broken_rules(value: Raw) -> list[Finding]:
    """Return every rule that the configuration breaks, wrongly typed parts left to the types."""
    agencies = _parts(value, "agencies")
    names = [str(agency["id"]) for _, agency in agencies if "id" in agency]
    wrong = [*_time_zone(value), *_thresholds(value), *_waits(value)]
    for field, agency in agencies:
        wrong += _agency_rules(field, agency, names)
    for field, kind in _parts(value, "incident_types"):
        wrong += _unknown_agencies(f"{field}.agencies", kind.get("agencies"), names)
        wrong += _common(field, kind)
    supervisor = value.get("supervisor")
    if isinstance(supervisor, Mapping):
        wrong += _contact_rules("supervisor.", supervisor)
    wrong += _repeated(agencies, "id")
    wrong += _repeated(_parts(value, "trunks"), "id")
    wrong += _repeated(_parts(value, "incident_types"), "code")
    wrong += _repeated_queues(_parts(value, "trunks"))
    return wrong


def near(word: str, words: Iterable[str]) -> str:
    """Return the word that was probably meant, or nothing; nobody means one of very many by a very long one."""
    known = list(islice(words, _LIKELY_AMONG + 1))
    if len(word) > _LONGEST_SHOWN or len(known) > _LIKELY_AMONG:
        return ""
    return next(iter(get_close_matches(word, [one for one in known if len(one) <= _LONGEST_SHOWN], n=1)), "")


def shown(value: object) -> str:
    """Return a value as a sentence may quote it."""
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    text = text or ("null" if value is None else str(value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def finding_of(error: ErrorDetails, field: str) -> Finding:
    """Turn what the types refused into a finding."""
    kind = error["type"]
    value = shown(error.get("input"))
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "string_type" and isinstance(error.get("input"), int | float):
        return Finding(FindingKind.NEEDS_QUOTES, field, values={"value": value})
    if kind in _PLAIN:
        return Finding(_PLAIN[kind], field, values={"limit": str(context.get("max_length"))})
    if kind in _BOUNDS:
        name, sign = _BOUNDS[kind]
        values = {"value": value, "bound": f"{sign} {context.get(name):g}"}
        return Finding(FindingKind.OUT_OF_RANGE, field, values=values)
    if kind in _NEEDED:
        needed = {"needed_id": _NEEDED[kind][0], "needed_en": _NEEDED[kind][1]}
        return Finding(FindingKind.WRONG_KIND, field, values={"value": value, **needed})
    return _of_text(error, field, value, context)


def _of_text(error: ErrorDetails, field: str, value: str, context: Mapping[str, Any]) -> Finding:
    kind = error["type"]
    if kind in {"enum", "literal_error"}:
        choices = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return Finding(FindingKind.NOT_A_CHOICE, field, values={"value": value, "choices": choices})
    if kind == "string_pattern_mismatch":
        form = FORMS[str(context["pattern"])]
        values = {"value": value, "form_id": form.indonesian, "form_en": form.english}
        return Finding(FindingKind.WRONG_FORM, field, values=values)
    reason = error["msg"].removeprefix("Value error, ")
    return Finding(FindingKind.OTHER, field, values={"reason": reason})


def _parts(value: Raw, key: str, inside: str = "") -> list[tuple[str, Raw]]:
    parts = value.get(key)
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        return []
    return [(f"{inside}{key}[{index}]", one) for index, one in enumerate(parts) if isinstance(one, Mapping)]


def _time_zone(value: Raw) -> Iterable[Finding]:
    name = value.get("time_zone")
    if not isinstance(name, str):
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Finding(FindingKind.UNKNOWN_TIME_ZONE, "time_zone", values={"value": shown(name)})


def _thresholds(value: Raw) -> Iterable[Finding]:
    if value.get("profile") == "own" and not value.get("own_thresholds"):
        yield Finding(FindingKind.NO_THRESHOLDS, "profile")


def _waits(value: Raw) -> Iterable[Finding]:
    """Find waits shorter than a second; those of no time at all are the types' to refuse."""
    for field, seconds in _told_waits(value):
        plain = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if plain and 0 < seconds < SHORTEST_WAIT_SECONDS:
            values = {"value": shown(seconds), "bound": f"≥ {SHORTEST_WAIT_SECONDS:g}"}
            yield Finding(FindingKind.OUT_OF_RANGE, field, values=values)


def _told_waits(value: Raw) -> Iterable[tuple[str, Any]]:
    for field, threshold in _parts(value, "own_thresholds"):
        yield f"{field}.within_seconds", threshold.get("within_seconds")
    clocks = value.get("clocks")
    for name, clock in clocks.items() if isinstance(clocks, Mapping) else ():
        if isinstance(clock, Mapping):
            yield from ((f"clocks.{name}.{priority}", seconds) for priority, seconds in clock.items())
        else:
            yield f"clocks.{name}", clock


def _agency_rules(field: str, agency: Raw, names: Sequence[str]) -> Iterable[Finding]:
    substitutes = agency.get("substitutes")
    own = agency.get("id")
    if isinstance(substitutes, Sequence) and own in substitutes:
        yield Finding(FindingKind.OWN_SUBSTITUTE, f"{field}.substitutes", values={"agency": shown(own)})
    if isinstance(own, str) and own in _RESERVED:
        yield Finding(FindingKind.RESERVED, f"{field}.id", values={"value": shown(own)})
    yield from _unknown_agencies(f"{field}.substitutes", substitutes, names)
    yield from _contact_rules(f"{field}.", agency)


def _unknown_agencies(field: str, wanted: object, names: Sequence[str]) -> Iterable[Finding]:
    if not isinstance(wanted, Sequence) or isinstance(wanted, str):
        return
    for index, name in enumerate(wanted):
        if isinstance(name, str) and name not in names:
            values = {"agency": shown(name), "known": near(name, names) or _some(names)}
            yield Finding(FindingKind.UNKNOWN_AGENCY, f"{field}[{index}]", values=values)


def _some(names: Sequence[str]) -> str:
    """Name what there is; of very many the first, as every wrong word repeats the list."""
    more = ", …" if len(names) > _MOST_NAMED else ""
    return ", ".join(shown(name) for name in names[:_MOST_NAMED]) + more


def _contact_rules(inside: str, owner: Raw) -> Iterable[Finding]:
    contacts = _parts(owner, "contacts", inside)
    for field, contact in contacts:
        yield from _address_rules(field, contact)
    yield from _repeated(contacts, "id")


def _address_rules(field: str, contact: Raw) -> Iterable[Finding]:
    channel = contact.get("channel")
    needed = next((name for kind, name in _ADDRESS.items() if kind == channel), "")
    if needed and not contact.get(needed):
        yield Finding(FindingKind.NO_ADDRESS, field, values={"channel": str(channel), "needed": needed})
    url, email = contact.get("url"), contact.get("email")
    if isinstance(url, str) and url and not _is_web_address(url):
        yield Finding(FindingKind.BAD_URL, f"{field}.url", values={"value": shown(url)})
    if isinstance(email, str) and email and not _EMAIL.match(email):
        yield Finding(FindingKind.BAD_EMAIL, f"{field}.email", values={"value": shown(email)})


def _is_web_address(text: str) -> bool:
    if any(character.isspace() or not character.isprintable() for character in text):
        return False
    try:
        parts = urlsplit(text)
        port_is_possible = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and port_is_possible
    )


def _common(field: str, kind: Raw) -> Iterable[Finding]:
    word = kind.get("common")
    if isinstance(word, str) and word not in COMMON_INCIDENT_TYPES:
        values = {"value": shown(word), "likely": near(word, sorted(COMMON_INCIDENT_TYPES)) or "?"}
        yield Finding(FindingKind.NOT_COMMON, f"{field}.common", values=values)


def _repeated(parts: Sequence[tuple[str, Raw]], key: str) -> Iterable[Finding]:
    seen: set[object] = set()
    for field, part in parts:
        name = part.get(key)
        if isinstance(name, str) and name in seen:
            yield Finding(FindingKind.REPEATED, f"{field}.{key}", values={"value": shown(name)})
        seen.add(name if isinstance(name, str) else None)


def _repeated_queues(trunks: Sequence[tuple[str, Raw]]) -> Iterable[Finding]:
    """A queue of one exchange belongs to one trunk, or nobody knows whose its calls are."""
    seen: set[tuple[str, str]] = set()
    for field, trunk in trunks:
        queues = trunk.get("queues")
        for index, queue in enumerate(queues if isinstance(queues, list | tuple) else ()):
            claim = (str(trunk.get("exchange")), str(queue))
            if claim in seen:
                place = f"{field}.queues[{index}]"
                yield Finding(FindingKind.REPEATED, place, values={"value": shown(queue)})
            seen.add(claim)

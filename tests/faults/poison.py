"""Thirty ways in which an event can be broken, each made from a good one. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shared_schemas.examples import read_example
from shared_schemas.topics import CONTRACTS_DIR

Header = tuple[str, bytes | None]
HUGE_BYTES = 950_000
DEEP, DEEPER = 100, 100_000


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as it is written: headers and body, whatever they are."""

    headers: tuple[Header, ...]
    value: bytes | None

    def said(self) -> dict[str, object]:
        """Return the body of one that is still good."""
        body: dict[str, object] = json.loads(self.value or b"")
        return body


Way = Callable[[Raw], Raw]


def good(topic: str, tenant: str) -> Raw:
    """Return the topic's first example as an event of a tenant."""
    example = read_example(min((CONTRACTS_DIR / "examples" / topic / "v1").glob("*.json")))
    headers = {**example.headers, "ce_tenantid": tenant}
    named = tuple((name, value.encode()) for name, value in headers.items())
    return Raw(named, json.dumps({**example.data, "tenant": tenant}).encode())


def _header(name: str, value: bytes | None) -> Way:
    return lambda raw: Raw(
        tuple((one, value if one == name else kept) for one, kept in raw.headers), raw.value
    )


def _without(name: str) -> Way:
    return lambda raw: Raw(tuple(one for one in raw.headers if one[0] != name), raw.value)


def _twice(name: str) -> Way:
    return lambda raw: Raw((*raw.headers, *(one for one in raw.headers if one[0] == name)), raw.value)


def _body(value: bytes | None) -> Way:
    return lambda raw: Raw(raw.headers, value)


def _with(name: str, written: bytes) -> Way:
    """Write one more member into the body, as it stands."""
    return lambda raw: Raw(raw.headers, b'{"%s": %s, %s' % (name.encode(), written, (raw.value or b"")[1:]))


def _replaced(name: str, value: object) -> Way:
    return lambda raw: Raw(raw.headers, json.dumps({**raw.said(), name: value}).encode())


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "no headers": lambda raw: Raw((), raw.value),
        "a null header": _header("ce_id", None),
        "a header that is not UTF-8": _header("ce_type", b"\xff\xfe"),
        "a header twice": _twice("ce_id"),
        "a header missing": _without("ce_tenantid"),
        "another version of CloudEvents": _header("ce_specversion", b"2.0"),
        "another content type": _header("content-type", b"text/xml"),
        "an unknown major version": lambda raw: _header("ce_type", _type(raw)[:-1] + b"9")(raw),
        "another topic's type": _header("ce_type", b"id.siaga112.call.forgotten.v1"),
        "a type that is not ours": _header("ce_type", b"com.example.thing"),
        "a source of no form": _header("ce_source", b"../triage"),
        "a subject without an id": _header("ce_subject", b"ticket"),
        "an id of another event": _header("ce_id", b"triage/ticket/t-1/1"),
        "a sequence of letters": _header("ce_sequence", b"one"),
        "a sequence below one": _header("ce_sequence", b"0"),
        "a sequence beyond every counter": _header("ce_sequence", b"9" * 40),
        "a time that never was": _header("ce_time", b"2026-02-30T00:00:00Z"),
        "a tenant of no form": _header("ce_tenantid", b"ttu"),
        "no body": _body(None),
        "not JSON": _body(b'{"number": "0812 0000 0042"'),
        "not UTF-8": _body(b'{"number": "\xff\xfe0812 0000 0042"}'),
        "NaN": _with("waiting", b"NaN"),
        "endless": _with("waiting", b"-Infinity"),
        "a lone surrogate": _with("note", b'"\\ud800"'),
        "a name twice": _with("tenant", b'"53.99"'),
        "deep": _with("deep", b"[" * DEEP + b"]" * DEEP),
        "deeper than any stack": _body(b"[" * DEEPER + b"]" * DEEPER),
        "huge": _with("note", b'"' + b"x" * HUGE_BYTES + b'"'),
        "a wrong type": _replaced("tenant", {"code": 5303}),
        "another tenant inside": _replaced("tenant", "53.98"),
    }
)
"""Those that a record itself can be broken in; the thirty-first is that code raises on a good one."""

CODE_RAISES = "code that raises"


def _type(raw: Raw) -> bytes:
    return dict(raw.headers)["ce_type"] or b""


@dataclass(frozen=True, slots=True)
class Dose:
    """One broken event to come: when, in which way, on which topic, of which tenant."""

    at: float
    way: str
    topic: str
    tenant: str


def doses(
    chance: Callable[[Sequence[str]], Sequence[str]],
    topics: Sequence[str],
    tenants: Sequence[str],
    *,
    count: int,
    begins: float,
    ends: float,
) -> tuple[Dose, ...]:
    """Spread every way evenly over a time, again and again, over all topics and tenants in turn."""
    ways, places = chance(tuple(WAYS)), chance(topics)
    each = (ends - begins) / count
    return tuple(
        Dose(
            begins + (number + 0.5) * each,
            ways[number % len(ways)],
            places[(number + number // len(ways)) % len(places)],
            tenants[number % len(tenants)],
        )
        for number in range(count)
    )

"""Events that an exchange signs rightly and that are broken all the same: what intake's door must refuse. Pure."""

import json
from collections.abc import Mapping
from types import MappingProxyType

GOOD: Mapping[str, object] = {
    "event": "ringing",
    "call_id": "poison.1",
    "occurred_at": "2026-11-22T03:00:00+00:00",
    "number": "081200000042",
}


def _with(**news: object) -> bytes:
    return json.dumps({**GOOD, **news}).encode()


AT_THE_DOOR: Mapping[str, bytes] = MappingProxyType(
    {
        "empty": b"",
        "not JSON": b'{"number": "0812 0000 0042"',
        "not UTF-8": b'{"number": "\xff\xfe"}',
        "NaN": b'{"event": "ringing", "call_id": NaN}',
        "a lone surrogate": b'{"event": "ringing", "call_id": "\\ud800"}',
        "a name twice": b'{"event": "ringing", "event": "ended"}',
        "deep": b"[" * 100 + b"]" * 100,
        "huge": _with(number="0" * 20_000),
        "a list": json.dumps([dict(GOOD)]).encode(),
        "a wrong type": _with(call_id={"id": 1}),
        "no call": json.dumps({name: value for name, value in GOOD.items() if name != "call_id"}).encode(),
        "a time that never was": _with(occurred_at="2026-02-30T00:00:00Z"),
    }
)

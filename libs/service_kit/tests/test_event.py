"""Strict JSON, bounded in size and depth."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_kit.event import DEEPEST, EventUnreadable, read_json
from service_kit.http.bodies import LARGEST_BODY_BYTES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet='ab"\\[{', max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"NaN",
        b'{"a": Infinity}',
        b'{"a": 1, "a": 2}',
        b'"\\ud800"',
        b"\xff",
        b"[" * 25 + b"]" * 25,
        b'"' + b"x" * 900_001 + b'"',
        b"[" * 100_000,
    ],
    ids=[
        "empty",
        "cut",
        "NaN",
        "Infinity",
        "repeated name",
        "lone surrogate",
        "not UTF-8",
        "deep",
        "large",
        "very deep",
    ],
)
def test_what_is_not_strict_json_is_refused(raw: bytes) -> None:
    with pytest.raises(EventUnreadable):
        read_json(raw)


def test_brackets_inside_texts_are_not_depth() -> None:
    assert read_json(b'"' + b"[" * 100 + b'"') == "[" * 100


def scanned_depth(raw: bytes) -> int:
    """Count nesting one byte at a time, as plainly as it can be told."""
    depth = deepest = 0
    inside = escaped = False
    for byte in raw:
        if inside:
            inside = escaped or byte != ord('"')
            escaped = not escaped and byte == ord("\\")
        elif byte == ord('"'):
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


PIECES = st.sampled_from([b'"', b"\\", b"[", b"]", b"{", b"}", b"\n", b"a", b'\\"', b'"["'])


def refused_as_too_deep(raw: bytes, deepest: int) -> bool:
    try:
        read_json(raw, deepest=deepest)
    except EventUnreadable as error:
        return "nested deeper" in str(error)
    return False


@given(st.lists(PIECES, max_size=60).map(b"".join), st.integers(0, 4))
def test_nesting_is_what_a_plain_scan_counts(raw: bytes, deepest: int) -> None:
    assert refused_as_too_deep(raw, deepest) == (scanned_depth(raw) > deepest)


@pytest.mark.parametrize(
    "unit", [b'\\"', b'"\\', b'"', b"\\", b"x", b'"[', b"\\\\\\x"], ids=lambda unit: unit.decode()
)
@pytest.mark.parametrize("opening", [b'"', b""], ids=["in a text", "outside"])
def test_no_body_of_the_largest_size_takes_long(opening: bytes, unit: bytes) -> None:
    """Whole bodies are looked at before sign-in, on the event loop: one slow look would stop a service."""
    begin = b"[" * (DEEPEST + 1) + opening
    raw = begin + unit * ((LARGEST_BODY_BYTES - len(begin)) // len(unit))
    began = time.thread_time()
    with pytest.raises(EventUnreadable):
        read_json(raw)
    assert time.thread_time() - began < 1, "linear work on 256 KiB takes about ten milliseconds"


@given(JSON)
def test_whatever_is_strict_json_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode(), deepest=50) == value


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    with suppress(EventUnreadable):
        read_json(raw)

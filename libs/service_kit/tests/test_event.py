"""Strict JSON, bounded in size and depth."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_kit.event import EventUnreadable, read_json

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


@given(JSON)
def test_whatever_is_strict_json_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode(), deepest=50) == value


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    with suppress(EventUnreadable):
        read_json(raw)

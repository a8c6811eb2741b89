"""Where a page is looked for is a guess; what it shows is not."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_kit import paging
from service_kit.paging import GUESSES, Pages

LIST = ("53.03", "{'status': 'open'}", "newest")


def counted(millisecond: int) -> str:
    return f"{millisecond:014d}|id-{millisecond}"


def dated(second: int) -> str:
    return f"2026-11-23T16:{second // 60:02d}:{second % 60:02d}+00:00/id-{second}"


def ends(pages: Pages, after: str | None = None) -> list[str | None]:
    return list(pages.ends(LIST, after))


def test_a_list_never_seen_is_read_to_its_end() -> None:
    assert ends(Pages()) == [None]


@pytest.mark.parametrize("key", [counted, dated])
def test_a_full_page_is_next_looked_for_within_twice_its_width_then_farther_off(
    key: Callable[[int], str],
) -> None:
    pages = Pages()
    pages.note(LIST, [key(number) for number in range(60, 70)], limit=10)
    *guesses, last = ends(pages)
    assert last is None
    first, second, third = map(str, guesses)
    assert key(69) < first < second < third
    assert key(77) < first < key(79)


def test_the_page_after_a_key_is_looked_for_from_there() -> None:
    pages = Pages()
    pages.note(LIST, [counted(number) for number in range(10)], limit=10)
    assert ends(pages, counted(500))[0] == f"{500 + 18:014d}"


def test_a_page_that_was_not_full_needs_no_guess_next_time() -> None:
    pages = Pages()
    pages.note(LIST, [counted(number) for number in range(10)], limit=10)
    pages.note(LIST, [counted(number) for number in range(9)], limit=10)
    assert ends(pages) == [None]


def test_keys_that_tell_no_time_are_read_to_their_end() -> None:
    pages = Pages()
    pages.note(LIST, ["0|00000000000001|a", "1|00000000000002|b"], limit=2)
    assert ends(pages) == [None]


def test_the_first_page_is_looked_for_from_its_first_key() -> None:
    pages = Pages()
    pages.note(LIST, [counted(number) for number in range(100, 110)], limit=10)
    assert ends(pages)[0] == f"{100 + 18:014d}"


def test_a_page_within_one_millisecond_is_looked_for_within_two() -> None:
    pages = Pages()
    pages.note(LIST, [f"{counted(5)}a", f"{counted(5)}b"], limit=2)
    assert ends(pages)[0] == f"{5 + 2:014d}"


def test_times_are_looked_for_from_whole_milliseconds() -> None:
    pages = Pages()
    at = "2026-11-23T16:00:00"
    pages.note(LIST, [f"{at}.000900+00:00/a", f"{at}.010900+00:00/b"], limit=2)
    assert ends(pages)[0] == f"{at}.020000+00:00"


def test_a_page_of_one_has_no_width() -> None:
    pages = Pages()
    pages.note(LIST, [counted(5)], limit=1)
    assert ends(pages) == [None]


def test_a_page_of_which_one_end_tells_no_time_has_no_width() -> None:
    pages = Pages()
    pages.note(LIST, ["0|a", counted(5)], limit=2)
    assert ends(pages) == [None]


def test_of_too_many_lists_the_one_looked_at_longest_ago_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paging, "LISTS_KEPT", 2)
    pages, width = Pages(), [counted(1), counted(2)]
    for name in ("a", "b"):
        pages.note(name, width, limit=2)
    assert len(list(pages.ends("a", None))) == 1 + GUESSES
    pages.note("c", width, limit=2)
    assert [len(list(pages.ends(name, None))) for name in "abc"] == [1, 1 + GUESSES, 1 + GUESSES]


@given(
    st.lists(st.integers(0, 10**13), min_size=2, max_size=20, unique=True).map(sorted),
    st.lists(st.integers(0, 10**13), max_size=60, unique=True).map(sorted),
    st.integers(2, 20),
)
def test_whatever_was_seen_before_a_page_is_whole(before: list[int], now: list[int], limit: int) -> None:
    pages = Pages()
    pages.note(LIST, [counted(one) for one in before], limit=len(before))
    there, found, begin, looks = [counted(one) for one in now], list[str](), "", 0
    for end in pages.ends(LIST, None):
        some = [key for key in there if begin <= key and (end is None or key < end)]
        found += some[: limit - len(found)]
        looks += 1
        if len(found) >= limit or end is None:
            break
        begin = end
    assert found == there[:limit]
    assert looks <= GUESSES + 1

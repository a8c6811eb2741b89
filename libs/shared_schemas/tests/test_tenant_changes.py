"""Differences between configurations read as a person would say them."""

import pytest

from shared_schemas.tenant_changes import Change, changes_between

LADDER = {"contacts": [{"id": "posko", "name": "A"}, {"id": "piket", "name": "B"}]}


def test_the_same_twice_has_no_difference() -> None:
    assert changes_between(LADDER, {"contacts": [dict(one) for one in LADDER["contacts"]]}) == []


def test_a_ladder_in_another_order_is_a_change() -> None:
    turned = {"contacts": LADDER["contacts"][::-1]}
    assert changes_between(LADDER, turned) == [
        Change("contacts.order", '["posko", "piket"]', '["piket", "posko"]')
    ]


def test_one_more_contact_in_front_is_one_addition() -> None:
    more = {"contacts": [{"id": "baru", "name": "C"}, *LADDER["contacts"]]}
    changes = changes_between(LADDER, more)
    assert [(one.path, one.before) for one in changes] == [("contacts[baru]", None)]
    assert changes[0].sentence("en").startswith("contacts[baru]: added ")


def test_what_is_gone_is_said_with_what_it_was() -> None:
    changes = changes_between({"a": 1, "b": [1, 2]}, {"b": [1, 3]})
    assert [one.sentence("en") for one in changes] == ["b: [1, 2] → [1, 3]", "a: removed, was 1"]
    assert changes[1].sentence() == "a: dihapus, sebelumnya 1"


def test_lists_without_names_are_compared_whole() -> None:
    assert len(changes_between([{"x": 1}, {"x": 2}], [{"x": 1}, {"x": 3}])) == 1


def test_an_addition_is_said_in_both_languages_and_within_a_line() -> None:
    (one,) = changes_between({}, {"nama": "Kefamenanu – é"})
    assert one == Change("nama", None, '"Kefamenanu – é"')
    assert one.sentence() == one.sentence("id") == 'nama: ditambahkan "Kefamenanu – é"'
    assert one.sentence("en") == 'nama: added "Kefamenanu – é"'


@pytest.mark.parametrize(("length", "shown"), [(78, 80), (79, 80), (80, 80)])
def test_a_long_value_is_cut_to_eighty_letters(length: int, shown: int) -> None:
    (one,) = changes_between({"a": "x" * length}, {})
    value = one.sentence("en").removeprefix("a: removed, was ")
    assert (len(value), value.endswith("…")) == (shown, length > 78)


def test_what_changes_its_kind_is_told_whole() -> None:
    named, mapping = [{"id": "posko", "n": 1}], {"posko": {"n": 1}}
    for old, new in ((named, mapping), (mapping, named), (named, [1]), ([1], named), (named, "posko")):
        (one,) = changes_between({"a": old}, {"a": new})
        assert one.path == "a"
    assert changes_between({"a": mapping}, {"a": named}) == [
        Change("a", '{"posko": {"n": 1}}', '[{"id": "posko", "n": 1}]')
    ]


def test_a_change_inside_what_is_named_says_the_whole_way() -> None:
    old = {"a": {"b": [{"code": "x", "c": [{"id": "y", "d": 1}, {"id": "z", "d": 1}]}]}}
    new = {"a": {"b": [{"code": "x", "c": [{"id": "y", "d": 2}]}]}}
    assert [(one.path, one.before, one.after) for one in changes_between(old, new)] == [
        ("a.b[x].c[y].d", "1", "2"),
        ("a.b[x].c[z]", '{"id": "z", "d": 1}', None),
    ]


def test_a_name_that_is_there_twice_names_nothing() -> None:
    twice = [{"id": "a", "n": 1}, {"id": "a", "n": 2}]
    (one,) = changes_between({"l": twice}, {"l": [{"id": "a", "n": 1}]})
    assert one.path == "l"
    (other,) = changes_between({"l": [{"id": "a"}, {"n": 1}]}, {"l": [{"id": "a"}, {"n": 2}]})
    assert other.path == "l"


def test_a_change_without_values_says_nothing_of_them() -> None:
    assert Change("a", "", "").sentence() == "a:  → "

"""Differences between configurations read as a person would say them."""

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

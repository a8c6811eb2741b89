"""What a newer program wrote survives an older one."""

from service_kit.unknown_fields import keep_unknown


def test_a_field_that_this_program_does_not_know_stays() -> None:
    assert keep_unknown({"a": 1, "new": 2}, {"a": 1}, {"a": 5}) == {"new": 2, "a": 5}


def test_a_field_that_the_domain_removed_goes() -> None:
    assert keep_unknown({"a": {"x": 1}, "n": 0}, {"a": {"x": 1}}, {"a": {}}) == {"n": 0, "a": {}}


def test_unknown_fields_inside_named_items_stay_with_their_item() -> None:
    stored = {"tasks": [{"task_id": "t1", "n": 1, "new": "x"}, {"task_id": "t2", "n": 2}]}
    known = {"tasks": [{"task_id": "t1", "n": 1}, {"task_id": "t2", "n": 2}]}
    new = {"tasks": [{"task_id": "t2", "n": 9}, {"task_id": "t1", "n": 1}, {"task_id": "t3", "n": 3}]}
    assert keep_unknown(stored, known, new) == {
        "tasks": [{"task_id": "t2", "n": 9}, {"new": "x", "task_id": "t1", "n": 1}, {"task_id": "t3", "n": 3}]
    }


def test_nothing_unknown_changes_nothing() -> None:
    new = {"a": 2}
    assert keep_unknown({"a": 1}, {"a": 1}, new) is new


def test_a_known_field_that_is_gone_stays_gone_beside_one_that_is_unknown() -> None:
    assert keep_unknown({"a": 1, "b": 2, "new": 3}, {"a": 1, "b": 2}, {"a": 1}) == {"new": 3, "a": 1}


def test_a_field_that_this_program_now_writes_is_its_own() -> None:
    stored = {"a": 1, "later": {"deep": 5}}
    assert keep_unknown(stored, {"a": 1}, {"a": 2, "later": 6}) == {"a": 2, "later": 6}
    assert keep_unknown({"a": 1, "new": 2}, {"a": 1, "b": None}, {"b": 3}) == {"new": 2, "b": 3}


def test_a_value_that_became_another_kind_is_what_this_program_says() -> None:
    pairs = [({"a": 1}, {}), ([{"id": "x", "n": 1}], [{"id": "x"}])]
    for stored, known in pairs:
        assert keep_unknown(stored, known, None) is None
        assert keep_unknown(stored, None, None) is None
        assert keep_unknown("text", known, known) == known
    assert keep_unknown([1], [2], {"a": 1}) == {"a": 1}
    assert keep_unknown({"a": 1}, {"a": 2}, [1]) == [1]


def test_items_are_known_by_their_own_name_and_by_nothing_else() -> None:
    stored = [{"agency": "damkar", "id": "1", "new": "x"}, {"agency": "damkar", "id": "2", "new": "y"}]
    known = [{"agency": "damkar", "id": "1"}, {"agency": "damkar", "id": "2"}]
    moved = [{"agency": "pln", "id": "1"}]
    assert keep_unknown(stored, known, moved) == [{"new": "x", "agency": "pln", "id": "1"}]
    counted = [{"id": 1, "new": "x"}], [{"id": 1}], [{"id": 1}]
    assert keep_unknown(*counted) == [{"id": 1}]

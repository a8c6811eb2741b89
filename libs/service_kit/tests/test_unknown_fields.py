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

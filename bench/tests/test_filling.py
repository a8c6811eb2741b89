"""A copy of a story is whole, and a stranger to the story itself."""

import bson

from bench.filling import Pattern, copied

CALL, TICKET = "7df70619-74a6-52c8-94e1-166f725bc154", "0b1f3c55-90aa-5d0e-8c0e-3a1d6f3f9f11"
FOREIGN = "ffffffff-0000-4000-8000-ffffffffffff"
STORED = bson.encode(
    {
        "_id": f"53.03/triage/ticket/{TICKET}",
        "number": "TTU-20261123-0017",
        "state": {"calls": [CALL], "born_of": CALL, "version": 3},
        "configuration": FOREIGN,
        "newest": f"98204589000000|{TICKET}",
        "place": f"01795411000000|{CALL}",
        "opened_at": "2026-11-23T16:05:00.123+00:00",
        "order": f"2026-11-23T16:05:00+00:00/{CALL}",
    }
)
PATTERN = Pattern("siaga_triage", "tickets", (STORED, STORED), (CALL.encode(), TICKET.encode()))


def test_every_id_of_the_story_is_changed_alike_and_nothing_else() -> None:
    first, second = (bson.decode(raw) for raw in copied(PATTERN, 12_345))
    assert first == second
    assert first["state"]["calls"] == [first["state"]["born_of"]]
    assert first["state"]["born_of"] != CALL
    assert TICKET not in first["_id"]
    assert first["configuration"] == FOREIGN
    assert (first["number"], first["state"]["version"]) == ("TTU-20000001-2345", 3)


def test_two_copies_share_no_id_and_no_number() -> None:
    (one, _), (other, _) = (list(map(bson.decode, copied(PATTERN, number))) for number in (1, 2))
    assert one["_id"] != other["_id"]
    assert one["number"] != other["number"]


def test_each_copy_is_a_minute_older_in_whichever_way_its_keys_count() -> None:
    copy, _ = (bson.decode(raw) for raw in copied(PATTERN, 3))
    assert copy["newest"].startswith("98204589180000|")
    assert copy["place"].startswith("01795410820000|")
    assert copy["opened_at"] == "2026-11-23T16:02:00.123+00:00"
    assert copy["order"].startswith("2026-11-23T16:02:00+00:00/")

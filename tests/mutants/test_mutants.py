"""The parts around the mutation tool: properties opened, names read, reasons found, rows counted."""

import pytest

from tests.mutants.explained import Explanation, read_explanations, why
from tests.mutants.properties import opened
from tests.mutants.report import fails, page, share
from tests.mutants.results import Mutant, changed, function_of
from tests.mutants.rooms import ROOMS, ROOT, Room
from tests.mutants.workshop import _inputs

LIVED = Mutant("triage.domain.ticket.open_", "survived", "a = 1", "a = 2")
KILLED = Mutant("triage.domain.ticket.open_", "killed")

WITH_PROPERTY = '''
class Ticket:
    """A ticket."""

    state = "open"

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self.state == "open"

    @classmethod
    def of(cls) -> "Ticket":
        return cls()
'''


def test_a_property_is_opened_and_stays_one() -> None:
    text = opened(WITH_PROPERTY)
    assert "@property" not in text
    assert "@classmethod" in text
    made: dict[str, type] = {}
    exec(compile(text, "opened", "exec"), made)
    assert made["Ticket"]().is_open is True
    assert isinstance(made["Ticket"].__dict__["is_open"], property)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("triage.domain.ticket.x_escalate__mutmut_17", "triage.domain.ticket.escalate"),
        ("triage.domain.ticket.x__typed__mutmut_1", "triage.domain.ticket._typed"),
        (
            "triage.domain.desk_call.xǁDeskCallǁopened_by__mutmut_2",
            "triage.domain.desk_call.DeskCall.opened_by",
        ),
    ],
)
def test_a_function_is_named_as_people_write_it(name: str, function: str) -> None:
    assert function_of(name) == function


def test_a_change_is_its_lines() -> None:
    diff = "--- a\n+++ a\n@@ -1,2 +1,2 @@\n def f():\n-    return a and b\n+    return a or b"
    assert changed(diff) == ("return a and b", "return a or b")


def test_a_reason_speaks_of_its_functions_and_its_change() -> None:
    reasons = [Explanation("dispatch.*", "a", "no"), Explanation("triage.*", "=> a = 2$", "words only")]
    assert why(LIVED, reasons) == "words only"
    assert not why(Mutant(LIVED.function, "survived", "a = 1", "a = 3"), reasons)


def test_a_row_counts_what_was_killed_and_what_is_not_explained() -> None:
    found = {"triage.domain": [KILLED, KILLED, KILLED, LIVED]}
    assert share(found["triage.domain"]) == 0.75
    assert "| triage.domain | 4 | 3 | 75.0% | 1 |" in page(found, [])
    assert "Not explained yet." in page(found, [])
    assert "| triage.domain | 4 | 3 | 75.0% | 0 |" in page(found, [Explanation("*", "a = 1", "w")])


def test_a_room_fails_below_the_goal_with_a_survivor_unexplained_or_with_nothing_tried() -> None:
    explained = [Explanation("*", "a = 1", "w")]
    assert not fails([KILLED] * 6 + [LIVED], explained)
    assert fails([KILLED] * 6 + [LIVED], [])
    assert fails([KILLED] * 5 + [LIVED], explained)
    assert fails([], explained)


def test_what_only_a_type_check_would_refuse_lives_on() -> None:
    fates = ("killed", "timeout", "segfault", "survived", "no tests", "suspicious", "caught by type check")
    assert [fate for fate in fates if Mutant("f", fate).killed] == ["killed", "timeout", "segfault"]


def modules(room: Room) -> set[str]:
    """Return the modules that are mutated in a room."""
    files = (path for pattern in room.files for path in room.source.glob(pattern) if path.suffix == ".py")
    return {".".join(path.relative_to(room.source.parent).with_suffix("").parts) for path in files}


def test_every_room_has_code_and_tests() -> None:
    for room in ROOMS.values():
        assert modules(room), room.name
        assert all((room.tests / one).exists() for one in room.judges or ("",)), room.name


def test_every_explanation_speaks_of_a_room_and_gives_a_reason() -> None:
    known = {f"{module}." for room in ROOMS.values() for module in modules(room)}
    for one in read_explanations():
        assert one.functions.startswith(tuple(known)), one.functions
        assert one.why.strip(), one.functions
        assert one.change, one.functions


def test_a_room_is_tried_again_when_its_code_its_tests_or_the_data_they_read_have_changed() -> None:
    room = ROOMS["dispatch.domain"]
    inputs = set(_inputs(room))
    assert {room.source / "domain" / "ladder.py", room.tests / "domain" / "test_the_ladder.py"} <= inputs
    assert {ROOT / "tenants" / "53.03.yaml", *(ROOT / "libs/shared_schemas/topics").glob("*.yaml")} <= inputs
    assert set((ROOT / "libs/shared_schemas/examples").rglob("*.json")) <= inputs
    assert not [path for path in inputs if "__pycache__" in path.parts]

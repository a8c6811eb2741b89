"""The parts around the mutation tool: properties opened, names read, reasons found, rows counted."""

from pathlib import Path

import pytest

from tests.mutants.explained import Explanation, read_explanations, why
from tests.mutants.properties import opened
from tests.mutants.report import page, share
from tests.mutants.results import Mutant, changed, function_of
from tests.mutants.rooms import ROOMS

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


def test_every_room_has_code_and_tests_and_every_explanation_reads() -> None:
    for room in ROOMS.values():
        assert any(path for pattern in room.files for path in room.source.glob(pattern)), room.name
        assert room.tests.is_dir()
    assert all(Path(__file__).exists() for _ in read_explanations())

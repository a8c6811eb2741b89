"""Who may ask for less than the rules say, and why: every exception is one line here."""

from dataclasses import dataclass

from tests.witness.deeds import Command, Deed, Sender


@dataclass(frozen=True, slots=True)
class Excepted:
    """What one place may do: a package, a module, or a function with its module.

    Attributes:
        deed: the name of a command to the store, or `producer` or `consumer`.
    """

    by: str
    deed: str
    reason: str


NOBODYS_ROWS = "statistics_service.storage.rows.Rows.drop"
A_NEWER_PROGRAM = "tests.integration.test_a_save_is_kept_once_and_told"
EXCEPTED = (
    Excepted("tests", "dropDatabase", "a test takes its own database away when it has ended"),
    Excepted("bench", "dropDatabase", "a measurement takes its own database away when it has ended"),
    Excepted(
        NOBODYS_ROWS, "delete", "empties rows that nobody is shown; what a kill leaves goes at the next start"
    ),
    Excepted(A_NEWER_PROGRAM, "update", "writes a state of a newer program by hand, to see it survive"),
    Excepted(
        "tests.faults.poisoning", "producer", "says what no program of ours would: broken, huge, strange"
    ),
)


def is_excepted(deed: Deed) -> bool:
    """Whether this deed is one of the exceptions."""
    return any(
        _name(deed) == one.deed and (deed.by == one.by or deed.by.startswith(f"{one.by}."))
        for one in EXCEPTED
    )


def _name(deed: Deed) -> str:
    if isinstance(deed, Command):
        return deed.name
    return "producer" if isinstance(deed, Sender) else "consumer"

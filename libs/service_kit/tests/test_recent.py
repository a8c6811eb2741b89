"""What was written last is remembered: a few documents, each given out once."""

from service_kit.documents import Document
from service_kit.recent import Recent


def note(number: int, *, tenant: str = "53.03", version: int = 1) -> Document:
    """Return a document."""
    return {"_id": f"n{number}", "tenant": tenant, "version": version}


def test_a_document_is_given_out_once_to_its_tenant() -> None:
    recent = Recent()
    recent.keep(note(1))
    assert recent.take("53.71", "n1") is None
    assert recent.take("53.03", "n1") == note(1)
    assert recent.take("53.03", "n1") is None


def test_the_newest_of_a_document_is_remembered() -> None:
    recent = Recent(most=1)
    recent.keep(note(1))
    recent.keep(note(1, version=2))
    assert recent.take("53.03", "n1") == note(1, version=2)


def test_the_oldest_leave_first() -> None:
    recent = Recent(most=2)
    for number in (1, 2, 3):
        recent.keep(note(number))
    assert [recent.take("53.03", f"n{number}") for number in (1, 2, 3)] == [None, note(2), note(3)]

"""Every sentence for people exists in Indonesian, with the same values in it."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from siaga_cli import wording

PACKAGE = Path(wording.__file__).parent
PLACEHOLDER = re.compile(r"{(\w+)}")


def sentences() -> set[str]:
    found = extract_from_dir(PACKAGE, method_map=[("**.py", "python")], keywords={"text": None})
    return {str(message) for _, _, message, _, _ in found}


def translations() -> dict[str, str]:
    said: dict[str, str] = {}
    for path in sorted((PACKAGE / "locale" / "id").glob("*.po")):
        with path.open("rb") as file:
            said |= {str(one.id): str(one.string) for one in read_po(file) if one.id}
    return said


def test_every_sentence_is_translated() -> None:
    known = translations()
    assert sorted(one for one in sentences() if not known.get(one)) == []


def test_no_translation_is_left_over() -> None:
    assert sorted(set(translations()) - sentences()) == []


def test_a_translation_has_the_same_values_in_it() -> None:
    wrong = [
        one
        for one, said in translations().items()
        if sorted(PLACEHOLDER.findall(one)) != sorted(PLACEHOLDER.findall(said))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("asked", "said"), [(None, "terjawab"), ("id", "terjawab"), ("en", "answered"), ("EN_gb", "answered")]
)
def test_indonesian_is_spoken_unless_english_is_asked_for(
    asked: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIAGA_LANG", raising=False)
    if asked is not None:
        monkeypatch.setenv("SIAGA_LANG", asked)
    assert wording.text("answered") == said


def test_values_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_LANG", "en")
    assert wording.text("{count} more", count=3) == "3 more"

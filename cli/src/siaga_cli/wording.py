"""Text for people: Indonesian unless SIAGA_LANG asks for English.

Sentences stand in the code in English; `locale/id/*.po` holds the Indonesian ones and is read straight
from those files, so that nothing has to be compiled and a translator needs nothing but an editor.
"""

import gettext
import os
from functools import cache
from io import BytesIO
from pathlib import Path

CATALOGUES = Path(__file__).with_name("locale")
DEFAULT_LANGUAGE = "id"
SOURCE_LANGUAGE = "en"


def language() -> str:
    """Return the language of the person at this terminal: `id`, or `en` with SIAGA_LANG=en."""
    asked = os.environ.get("SIAGA_LANG", "").lower()
    return SOURCE_LANGUAGE if asked.startswith(SOURCE_LANGUAGE) else DEFAULT_LANGUAGE


def text(sentence: str, **values: object) -> str:
    """Return a sentence in the person's language, its {names} filled in."""
    said = _catalogue(language()).gettext(sentence)
    return said.format(**values) if values else said


@cache
def _catalogue(spoken: str) -> gettext.NullTranslations:
    """Read all catalogues of a language; the source language needs none."""
    found = gettext.NullTranslations()
    for path in sorted((CATALOGUES / spoken).glob("*.po")):
        newer = _read(path)
        newer.add_fallback(found)
        found = newer
    return found


def _read(path: Path) -> gettext.NullTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

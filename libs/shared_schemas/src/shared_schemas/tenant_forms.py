"""The forms that codes and names of a configuration have: for programs as a pattern, for people in words."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Form:
    """What a text must look like, told once for all readers."""

    pattern: str
    indonesian: str
    english: str


TENANT_CODE: Final = Form(
    r"^[0-9]{2}[.][0-9]{2}$",
    'dua angka, titik, dua angka, dalam tanda petik, seperti "53.03"',
    'two digits, a dot, two digits, in quotation marks, such as "53.03"',
)
KEY: Final = Form(
    r"^[a-z][a-z0-9_-]{0,39}$",
    "huruf kecil a-z, lalu a-z, 0-9, _ atau -; paling banyak 40",
    "a small letter a-z, then a-z, 0-9, _ or -; at most 40",
)
ABBREVIATION: Final = Form(
    r"^[A-Z]{2,6}$",
    "2 sampai 6 huruf besar A-Z",
    "2 to 6 capital letters A-Z",
)

FORMS: Final = {form.pattern: form for form in (TENANT_CODE, KEY, ABBREVIATION)}

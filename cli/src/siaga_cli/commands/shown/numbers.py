"""Numbers as the person at this terminal writes them: 3,99 in Indonesian, 3.99 in English."""

from siaga_cli.wording import SOURCE_LANGUAGE, language


def number(value: float, form: str = "g") -> str:
    """Write a number in a format, with the language's decimal sign."""
    written = format(value, form)
    return written if language() == SOURCE_LANGUAGE else written.replace(".", ",")

"""The reason that an agency gives, by whichever door: bounded, and one line that can be read."""

LONGEST_REASON = 200


def on_one_line(text: str) -> str:
    """Return a text on one line, without what nobody sees."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())

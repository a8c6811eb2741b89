"""What a person who waits for a measurement is told meanwhile."""

import sys


def say(sentence: str) -> None:
    """Tell what is going on, beside the report."""
    print(sentence, file=sys.stderr, flush=True)

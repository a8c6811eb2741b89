"""Chance that falls the same way whenever the same thing is decided again."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")
FACES = 2**64


class Dice:
    """Throws that follow from a seed and a cause; each throw names what it decides."""

    def __init__(self, *cause: str) -> None:
        self._cause = "\x1f".join(cause)

    def share(self, what: str) -> float:
        """Return a number from 0 up to, not including, 1."""
        digest = hashlib.sha256(f"{self._cause}\x1f{what}".encode()).digest()
        return int.from_bytes(digest[:8]) / FACES

    def pick(self, what: str, things: Sequence[Thing]) -> Thing:
        """Return one of the things."""
        return things[int(self.share(what) * len(things))]

    def between(self, what: str, least: float, most: float) -> float:
        """Return a number between the two."""
        return least + self.share(what) * (most - least)

"""What happened, step by step: the same seed tells the same story, byte for byte."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any


class Story:
    """Lines with their time; they are put into words only when somebody reads them."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._lines: list[tuple[float, str, str, tuple[Any, ...]]] = []

    def note(self, who: str, what: str, *about: Any) -> None:
        """Note that somebody did something; `about` fills the braces of `what`."""
        self._lines.append((self._time(), who, what, about))

    def __len__(self) -> int:
        return len(self._lines)

    def lines(self) -> Iterator[str]:
        """Tell it."""
        for time, who, what, about in self._lines:
            yield f"{clock(time)}  {who:<18} {what.format(*about)}"

    def digest(self) -> str:
        """Return a short name for exactly this story."""
        return hashlib.sha256("\n".join(self.lines()).encode()).hexdigest()[:16]


def clock(seconds: float) -> str:
    """Write seconds since the beginning as hours, minutes and seconds."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}.{milliseconds:03d}"

"""Shows the board until it is cancelled: live where a person looks at a terminal, else as plain lines."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.live import Live

from siaga_cli.board import plain, screen
from siaga_cli.board.listening import MOST_RECORDS, hear
from siaga_cli.board.projection import Projection
from siaga_cli.board.sentences import told_by
from siaga_cli.wording import text

REFRESHES_PER_SECOND = 4
PLAIN_EVERY = 3.0
NEWS_KEPT = 14


@dataclass(slots=True)
class Board:
    """What is shown: the projection and the latest news."""

    known: Projection = field(default_factory=Projection)
    news: deque[str] = field(default_factory=lambda: deque(maxlen=NEWS_KEPT))
    heading: str = ""
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, sentence: str, at: datetime | None = None) -> None:
        """Add a line of news."""
        moment = (at or datetime.now(UTC)).astimezone()
        self.news.append(f"{moment:%H:%M:%S} {sentence}")

    async def follow(self, bootstrap: str) -> None:
        """Hear everything, for ever."""
        async for events in hear(bootstrap):
            for event in events:
                sentences = list(told_by(self.known, event))
                if self.known.take(event):
                    for sentence in sentences:
                        self.say(sentence, event.envelope.time)
            if len(events) < MOST_RECORDS:
                self.caught_up.set()


async def show(board: Board, console: Console) -> None:
    """Show the board for ever; the terminal is given back when this is cancelled."""
    if console.is_terminal:
        await _show_live(board, console)
    else:
        await _show_lines(board, lambda said: console.print(said, soft_wrap=True, highlight=False))


async def _show_live(board: Board, console: Console) -> None:
    with Live(console=console, auto_refresh=False, screen=False, transient=False) as live:
        while True:
            now = datetime.now(UTC)
            live.update(
                screen.board(board.known, list(board.news), now=now, heading=board.heading), refresh=True
            )
            await asyncio.sleep(1 / REFRESHES_PER_SECOND)


async def _show_lines(board: Board, write: Callable[[str], None]) -> None:
    said = ""
    while True:
        line = plain.line(board.known)
        if line != said and board.caught_up.is_set():
            write(f"{datetime.now(UTC).astimezone():%H:%M:%S} {line}")
            said = line
        await asyncio.sleep(PLAIN_EVERY)


def heading(speed: str | None) -> str:
    """Return the board's first line; without a replay's speed it is a centre's own."""
    if speed is None:
        return text("Siaga 112 · Ctrl-C ends everything")
    shown = "max" if float(speed) == 0 else f"{speed} ×"
    return text("Siaga 112 · speed {speed} · Ctrl-C ends everything", speed=shown)

"""The board is drawn for a person at a terminal; a file, a pipe or a supervisor's log gets plain lines."""

import asyncio
from io import StringIO

import pytest
from rich.console import Console

from siaga_cli.board.live import Board, show

HEADING = "Siaga 112 · a test's own heading"
WIDTH = 110
SOON_SECONDS = 20
ESCAPE = "\x1b"


class Written(StringIO):
    """Text that tells when the first line of it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.something = asyncio.Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        if text.strip():
            self.something.set()
        return count


async def shown(board: Board, *, terminal: bool) -> str:
    """Return what `show` writes first, until it is cancelled."""
    file = Written()
    showing = asyncio.create_task(show(board, Console(file=file, force_terminal=terminal, width=WIDTH)))
    async with asyncio.timeout(SOON_SECONDS):
        await file.something.wait()
    showing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await showing
    return file.getvalue()


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Board:
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("SIAGA_LANG", "en")
    made = Board(heading=HEADING)
    made.caught_up.set()
    return made


async def test_a_terminal_is_shown_the_board_and_gets_its_cursor_back(board: Board) -> None:
    drawn = await shown(board, terminal=True)
    assert HEADING in drawn
    assert "╭" in drawn
    assert drawn.index(f"{ESCAPE}[?25l") < drawn.rindex(f"{ESCAPE}[?25h"), "hidden, and shown again"


async def test_without_a_terminal_there_is_one_plain_line_and_no_frame(board: Board) -> None:
    (line,) = (await shown(board, terminal=False)).splitlines()
    clock, _, sums = line.partition(" ")
    assert len(clock) == len("19:08:37")
    assert sums.startswith("received 0 = abandoned in the menu 0")
    assert not {ESCAPE, "╭", "│"} & set(line)


async def test_plain_lines_wait_until_all_that_was_said_before_is_known(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    board.caught_up.clear()

    async def look_again(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            board.caught_up.set()
        await real_sleep(0)

    real_sleep = asyncio.sleep
    monkeypatch.setattr("siaga_cli.board.live.asyncio.sleep", look_again)
    (line,) = (await shown(board, terminal=False)).splitlines()
    assert "received 0" in line
    assert looks >= 3

"""Passwords wait in a line that has an end."""

import asyncio
import threading
from typing import cast

import pytest

from directory.gateways.passwords import ThreadedPasswords, TooManyPasswords
from service_kit import passwords


class SlowPasswords:
    """Judges when told to."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def verify(self, _password: str, _kept: str | None) -> bool:
        return self.go.wait(10)


async def test_who_finds_the_line_full_is_told_so_and_may_come_again() -> None:
    slow = SlowPasswords()
    turns = ThreadedPasswords(cast("passwords.Passwords", slow), at_once=1, most_in_line=2)
    waiting = [asyncio.create_task(turns.verify("x", None)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyPasswords):
        await turns.verify("x", None)
    slow.go.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await turns.verify("x", None)

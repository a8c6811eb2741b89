"""What people find around them: the services' doors, the time, and somebody to complain to."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Protocol

from agency_notifier.application.notice import Notice
from tests.simulation.faults import Faults
from tests.simulation.server import Server
from tests.simulation.story import Story


class Town(Protocol):
    """The world as its people see it."""

    seed: str
    story: Story
    faults: Faults
    intake: Server
    triage: Server
    dispatch: Server
    notifier: Server
    statistics: Server
    open_tickets: dict[str, list[str]]

    def true_time(self) -> datetime:
        """Return the time by which the sun rises."""

    async def until(self, seconds: float) -> None:
        """Wait until so many seconds after the beginning."""

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""

    def start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Let somebody do something beside everybody else."""

    def think_again(self, notice: Notice) -> None:
        """Let somebody at the desk want more help just when there was enough."""

    def acknowledged(self, call: Any, kind: str, fact_id: str) -> None:
        """Note that intake has said yes."""

    def blame(self, sentence: str) -> None:
        """Say that something is wrong that never may be."""

"""A process: lives that end at any step, losing all memory, and begin again on the same disk."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any, TypeVar

from tests.simulation.faults import CRASH_AFTER, CRASH_BEFORE, LOST, REFUSED, Faults
from tests.simulation.story import Story

Result = TypeVar("Result")

_LIVING: ContextVar["Life | None"] = ContextVar("life", default=None)


class Unreachable(Exception):
    """Who asked got no answer: the process is down, or died while it answered, or the answer was lost."""


class Life:
    """One life of a process: everything it does is a step that may fail, come late, or be its last.

    Attributes:
        replaced: another process has taken its place in the group, `fenced`: its commits are refused.
    """

    def __init__(self, name: str, faults: Faults, story: Story, begin: datetime) -> None:
        self.name = name
        self.over = False
        self.broken: BaseException | None = None
        self.ended = asyncio.Event()
        self.replaced = asyncio.Event()
        self.fenced = False
        self._resumes_at = 0.0
        self._faults = faults
        self._story = story
        self._begin = begin
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def clock(self) -> datetime:
        """Tell the time as this process believes it, in milliseconds."""
        seconds = self._loop.time() + self._faults.skew(self.name)
        return self._begin + timedelta(milliseconds=floor(seconds * 1000))

    async def act(self, what: str, effect: Callable[[], Result], trouble: type[Exception]) -> Result:
        """Do one step to the world outside; the weather decides what becomes of it and of the news of it."""
        self._check()
        while self._loop.time() < self._resumes_at:
            await asyncio.sleep(self._resumes_at - self._loop.time())
            self._check()
        fate, seconds = self._faults.fate(self.name, trouble.__name__)
        if seconds:
            await asyncio.sleep(seconds)
            self._check()
        if fate == CRASH_BEFORE:
            self.crash(f"before {what}")
        if fate == REFUSED:
            raise trouble(f"{what} refused")
        result = effect()
        if fate == CRASH_AFTER:
            self.crash(f"after {what}")
        if fate == LOST:
            self._story.note(self.name, "never learns that it did: {}", what)
            raise trouble(f"{what} not acknowledged")
        return result

    def pause(self, seconds: float) -> None:
        """Stand still in the middle of everything, for so long that another process takes the place."""
        self._story.note(self.name, "is paused for {:.0f} s; another one takes its place", seconds)
        self._resumes_at = self._loop.time() + seconds
        self.fenced = True
        self.replaced.set()

    def crash(self, when: str) -> None:
        """Die now: nothing of this life does anything any more."""
        if self.over:
            raise asyncio.CancelledError
        self._story.note(self.name, "DIES {}", when)
        self.end()
        if asyncio.current_task() in self._tasks:
            raise asyncio.CancelledError

    def end(self) -> None:
        """End every task."""
        self.over = True
        self.ended.set()
        self.replaced.set()
        current = asyncio.current_task()
        for task in list(self._tasks):
            if task is not current:
                task.cancel()

    def start(self, work: Coroutine[Any, Any, Result], *, lasting: bool = False) -> asyncio.Task[Result]:
        """Begin a task of this life; one that lasts must not end before it."""
        token = _LIVING.set(self)
        try:
            task = asyncio.get_running_loop().create_task(work)
        finally:
            _LIVING.reset(token)
        if lasting:
            task.add_done_callback(self._watch)
        return task

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Note a task that belongs to this life, so that it dies with it."""
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    def _watch(self, task: "asyncio.Task[Any]") -> None:
        if not task.cancelled() and not self.over and task.exception() is not None:
            self.broken = task.exception()
            self._story.note(self.name, "BREAKS: {!r}", self.broken)
            self.end()

    def _check(self) -> None:
        if self.over:
            raise asyncio.CancelledError


def adopt_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Let tasks that product code makes belong to the life that made them."""

    def make(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **named: Any
    ) -> "asyncio.Task[Any]":
        task = asyncio.Task(work, loop=loop, **named)
        life = _LIVING.get()
        if life is not None:
            life.adopt(task)
        return task

    loop.set_task_factory(make)  # type: ignore[arg-type]


async def asked(life: Life | None, work: Callable[[], Coroutine[Any, Any, Result]], *, lost: bool) -> Result:
    """Ask something of a life as a person or a robot does over HTTP.

    Raises:
        Unreachable: no answer came; it may have been done all the same.
    """
    if life is None or life.over:
        raise Unreachable
    task, ended = life.start(work()), asyncio.Event()
    task.add_done_callback(lambda _: ended.set())
    await ended.wait()
    if task.cancelled() or lost:
        if not task.cancelled():
            task.exception()
        raise Unreachable
    return task.result()


UTC_NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)

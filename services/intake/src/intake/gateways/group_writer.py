"""One thread writes to one SQLite file, and commits whatever waits together.

An fsync costs the same for one row as for a hundred; so callers that come while one is under way share
the next. Nothing is answered before its commit returned.
"""

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from intake.application.ports import SpoolUnwritable
from service_kit.telemetry import logger

LOG = logger(__name__)

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

MOST_TOGETHER = 500
PAGE_BYTES = 4096
NOTHING_KEPT = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_FSYNC})
"""Failures after which the open file goes on: its next commit writes over what this one left. Opened anew,
a commit that only missed its fsync would be found whole, after its sender was told that nothing was kept."""


class _Job(Generic[Result]):
    """One piece of work and who waits for it."""

    def __init__(self, work: Work[Result], loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.future: asyncio.Future[Result] = loop.create_future()
        self._loop = loop

    def succeed(self, result: Result) -> None:
        self._tell(lambda: self.future.set_result(result))

    def fail(self, error: Exception) -> None:
        self._tell(lambda: self.future.set_exception(error))

    def _tell(self, settle: Callable[[], None]) -> None:
        def unless_given_up() -> None:
            if not self.future.done():
                settle()

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(unless_given_up)


class GroupWriter:
    """Runs pieces of work in one transaction after the other, many in each."""

    def __init__(self, path: Path, schema: str, *, most_bytes: int | None = None) -> None:
        """Use one file, readable by its owner only; `most_bytes` bounds it, as a full disk would.

        `trouble` says why the last write was not kept, and is empty again as soon as one is.
        """
        self._path = path
        self._schema = schema
        self._most_bytes = most_bytes
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_until_closed, name="spool", daemon=True)
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        self.trouble = ""

    async def start(self) -> None:
        """Open the file. Raises SpoolUnwritable where it cannot be opened and written."""
        self._thread.start()
        await self.run(lambda connection: connection.execute("SELECT 1").fetchall())

    async def run(self, work: Work[Result]) -> Result:
        """Do one piece of work; returns when it is on the disk.

        Raises:
            SpoolUnwritable: the disk is full or broken, or the spool is closed; nothing was kept.
        """
        if self._closed:
            raise SpoolUnwritable("the spool is closed")
        job = _Job(work, asyncio.get_running_loop())
        self._jobs.put(job)
        return await job.future

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _write_until_closed(self) -> None:
        while (job := self._jobs.get()) is not None:
            group, closing = self._with_those_waiting(job)
            self._commit(group)
            if closing:
                break
        self._disconnect()

    def _with_those_waiting(self, first: _Job[Any]) -> tuple[list[_Job[Any]], bool]:
        group = [first]
        while len(group) < MOST_TOGETHER:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, group: Sequence[_Job[Any]]) -> None:
        """Commit a group; where it fails, each job alone, so that one does not take the others along."""
        try:
            results = self._in_one_transaction(group)
        except Exception as error:  # noqa: BLE001 -- the thread's doorway: every failure goes to who waits
            if len(group) == 1:
                named = _named(error, self._path)
                self._note_trouble(named)
                group[0].fail(named)
                return
            for job in group:
                self._commit([job])
            return
        for job, result in zip(group, results, strict=True):
            job.succeed(result)

    def _in_one_transaction(self, group: Sequence[_Job[Any]]) -> list[Any]:
        connection = self._connected()
        before = connection.total_changes
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [job.work(connection) for job in group]
            connection.execute("COMMIT")
        except BaseException as error:
            self._undo(connection, error)
            raise
        if connection.total_changes > before:
            self._note_kept()
        return results

    def _note_trouble(self, error: Exception) -> None:
        """Say once what a person must mend."""
        if isinstance(error, SpoolUnwritable):
            if not self.trouble:
                LOG.error("spool.unwritable", error=str(error))
            self.trouble = str(error)

    def _note_kept(self) -> None:
        if self.trouble:
            LOG.info("spool.writable_again")
            self.trouble = ""

    def _undo(self, connection: sqlite3.Connection, error: BaseException) -> None:
        """Take a transaction back; after what may have harmed the file itself, it is opened anew."""
        with contextlib.suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error) and error.sqlite_errorcode not in NOTHING_KEPT:
            self._disconnect()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=5.0)
        try:
            self._make_ready(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_ready(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        if self._most_bytes is not None:
            connection.execute(f"PRAGMA max_page_count={self._most_bytes // PAGE_BYTES}")
        # After a failed fsync Linux takes the unwritten pages for written: what the log holds is written
        # into the file anew, so that whatever is found here is on the disk before anybody relies on it.
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        connection.executescript(self._schema)
        _sync_directory(self._path.parent)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _named(error: Exception, path: Path) -> Exception:
    if isinstance(error, sqlite3.Error | OSError):
        unwritable = SpoolUnwritable(f"the spool {path.name} cannot be written: {error}")
        unwritable.__cause__ = error
        return unwritable
    return error


def _sync_directory(directory: Path) -> None:
    """A new file survives a power cut only when its directory does."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

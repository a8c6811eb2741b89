"""Intake's own spool on a disk in memory: its SQL is the product's, only the thread and the file are not."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from intake.application.ports import SpoolUnwritable
from intake.gateways.group_writer import GroupWriter, _named
from intake.gateways.spool import _SCHEMA, SqliteSpool, _order_by_turn
from tests.simulation.process import Life
from tests.simulation.sealing import PlainSealer

Work = Callable[[sqlite3.Connection], Any]


class SpoolDisk(sqlite3.Connection):
    """A spool's file that outlives its processes; `changed` is told of each write that is kept."""

    changed: Callable[[], None]


def new_disk(changed: Callable[[], None]) -> SpoolDisk:
    """Return a new file."""
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=SpoolDisk)
    connection.changed = changed
    connection.executescript(_SCHEMA)
    _order_by_turn(connection)
    return connection


def spool_on(disk: SpoolDisk, life: Life) -> SqliteSpool:
    """Return the spool of one life of intake."""
    spool = SqliteSpool(Path("memory"), PlainSealer(), life.clock)
    spool._writer = cast("GroupWriter", _AtOnce(disk, life))
    return spool


class _AtOnce:
    """Does each piece of work in one transaction, as the thread does."""

    def __init__(self, disk: SpoolDisk, life: Life) -> None:
        self._disk = disk
        self._life = life

    async def run(self, work: Work) -> Any:
        """Do it whole or not at all. Raises SpoolUnwritable."""

        def write() -> Any:
            before = self._disk.total_changes
            self._disk.execute("BEGIN")
            try:
                result = work(self._disk)
                self._disk.execute("COMMIT")
            except Exception as error:
                if self._disk.in_transaction:
                    self._disk.execute("ROLLBACK")
                raise _named(error, Path("memory")) from error
            if self._disk.total_changes > before:
                self._disk.changed()
            return result

        return await self._life.act("spool", write, SpoolUnwritable)

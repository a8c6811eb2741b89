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


def new_disk() -> sqlite3.Connection:
    """Return a spool's file that outlives its processes."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(_SCHEMA)
    _order_by_turn(connection)
    return connection


def spool_on(disk: sqlite3.Connection, life: Life) -> SqliteSpool:
    """Return the spool of one life of intake."""
    spool = SqliteSpool(Path("memory"), PlainSealer(), life.clock)
    spool._writer = cast("GroupWriter", _AtOnce(disk, life))
    return spool


class _AtOnce:
    """Does each piece of work in one transaction, as the thread does."""

    def __init__(self, disk: sqlite3.Connection, life: Life) -> None:
        self._disk = disk
        self._life = life

    async def run(self, work: Work) -> Any:
        """Do it whole or not at all. Raises SpoolUnwritable."""

        def write() -> Any:
            self._disk.execute("BEGIN")
            try:
                result = work(self._disk)
                self._disk.execute("COMMIT")
            except Exception as error:
                if self._disk.in_transaction:
                    self._disk.execute("ROLLBACK")
                raise _named(error, Path("memory")) from error
            return result

        return await self._life.act("spool", write, SpoolUnwritable)

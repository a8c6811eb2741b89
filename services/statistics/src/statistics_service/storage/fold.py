"""The newest rows of each aggregate, in memory until the log has been read, then written once."""

import bson
from bson.raw_bson import RawBSONDocument

from statistics_service.contracts import Projected
from statistics_service.storage.rows import Rows, document_of, name_of

FOLDED_MOST = 50_000
"""Aggregates in memory, encoded: about 40 MB. Beyond, what is there is written and newer rows replace it."""


class Fold:
    """Takes rows in any order; the newest of each aggregate wins, as in the store."""

    def __init__(self, rows: Rows) -> None:
        """Write to this generation in the end."""
        self._rows = rows
        self._newest: dict[str, tuple[int, bytes]] = {}

    def take(self, projected: Projected) -> None:
        """Keep rows if they are newer than those that are there."""
        aggregate = name_of(projected)
        sequence, _ = self._newest.get(aggregate, (-1, b""))
        if sequence < projected.sequence:
            self._newest[aggregate] = (projected.sequence, bson.encode(document_of(projected)))

    async def write_if_full(self) -> None:
        """Make room where there is no more."""
        if len(self._newest) >= FOLDED_MOST:
            await self.write()

    async def write(self) -> None:
        """Write what is there; what live events have written meanwhile stays where it is newer."""
        await self._rows.put_all([RawBSONDocument(raw) for _, raw in self._newest.values()])
        self._newest.clear()

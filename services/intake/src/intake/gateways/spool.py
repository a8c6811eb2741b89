"""The local spool: facts are fsynced here before anybody is told that they were heard (A10).

SQLite in WAL mode with synchronous=FULL; every row's content is sealed for its tenant, so the file
holds no number and no name in the clear.
"""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

from intake.application.ports import Arrival, Clock, Count, Refused, SpooledCall, SpoolUnwritable, Waiting
from intake.contracts.call_trace import call_trace
from intake.contracts.spooled import SpooledUnreadable, read_told, write_told
from intake.domain.facts import Told
from intake.domain.turn import FIRST_TURN, LAST_TURN, Lane
from intake.gateways.group_writer import GroupWriter
from service_kit.fairness import in_turn
from service_kit.telemetry import logger, span
from service_kit.vault import SealBroken

LOG = logger(__name__)

NO_TENANT = "-"
"""Raw input that belongs to no tenant that could be told is sealed and kept under this name."""

MOST_REFUSED = 10_000
"""Raw input that could not be read: the newest of each source are kept, all are counted."""

UNOPENED_AGAIN_AFTER = timedelta(hours=1)
LOOK_EVERY_SECONDS = 1.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    call TEXT NOT NULL,
    sealed BLOB NOT NULL,
    taken_at REAL NOT NULL,
    not_before REAL NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    turn INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS facts_by_call ON facts (call);
CREATE TABLE IF NOT EXISTS places (follower TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refused (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    sealed BLOB NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS refused_by_source ON refused (source, seq);
CREATE TABLE IF NOT EXISTS counts (
    source TEXT NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_at REAL NOT NULL,
    PRIMARY KEY (source, what)
);
"""

_TURNS = {
    Lane.FIRST: (FIRST_TURN, FIRST_TURN),
    Lane.AGAIN: (FIRST_TURN + 1, LAST_TURN),
    None: (FIRST_TURN, LAST_TURN),
}

_TENANTS = """
WITH RECURSIVE tenants (tenant) AS (
    SELECT min(tenant) FROM facts
    UNION ALL
    SELECT (SELECT min(tenant) FROM facts WHERE tenant > tenants.tenant) FROM tenants
    WHERE tenants.tenant IS NOT NULL
)
SELECT tenant FROM tenants WHERE tenant IS NOT NULL
"""
"""Each tenant once, without reading all of its rows."""


class Sealer(Protocol):
    """Seals raw bytes for one tenant, without any store (`service_kit.vault.Quarantine`)."""

    def seal(self, tenant: str, raw: bytes) -> bytes:
        """Return the bytes sealed."""

    def open(self, tenant: str, sealed: bytes) -> bytes:
        """Return what was sealed. Raises SealBroken."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Raw input that could not be read, as it is kept."""

    tenant: str
    source: str
    reason: str
    raw: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    tenant: str
    call: str
    sealed: bytes = field(repr=False)
    tries: int


class SqliteSpool:
    """One process's spool in one file."""

    def __init__(self, path: Path, sealer: Sealer, clock: Clock, *, most_bytes: int | None = None) -> None:
        """Use one file; `most_bytes` keeps it from filling the disk of its neighbours."""
        self._writer = GroupWriter(path, _SCHEMA, most_bytes=most_bytes)
        self._sealer = sealer
        self._clock = clock
        self._rounds: Counter[Lane | None] = Counter()

    async def start(self) -> None:
        """Open the spool. Raises SpoolUnwritable."""
        await self._writer.start()
        await self._writer.run(_order_by_turn)

    async def close(self) -> None:
        """Finish what waits to be written, then close."""
        await self._writer.close()

    @property
    def trouble(self) -> str:
        """Why nothing can be kept now; empty while all is well."""
        return self._writer.trouble

    async def watch_for_ever(self) -> None:
        """While nothing could be kept try a small write now and then: trouble ends when its cause does."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            if self.trouble:
                with suppress(SpoolUnwritable):
                    await self.append(Arrival(source="spool", counted={"TRIED_AGAIN": 1}))

    async def append(self, arrival: Arrival) -> None:
        """Keep an arrival whole; returns after the fsync. Raises SpoolUnwritable: nothing was kept."""
        now = self._clock().timestamp()
        facts = [self._fact_row(told, now, arrival) for told in arrival.told]
        refused = [self._refused_row(one, now) for one in arrival.refused]
        counts = Counter({f"counted/{kind}": number for kind, number in arrival.counted.items()})
        counts.update(f"refused/{one.reason}" for one in arrival.refused)
        places = [(arrival.place.follower, json.dumps(arrival.place.content))] if arrival.place else []

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO facts (id, tenant, call, sealed, taken_at, turn) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                facts,
            )
            connection.executemany("INSERT OR REPLACE INTO places VALUES (?, ?)", places)
            connection.executemany(
                "INSERT INTO refused (tenant, source, reason, sealed, at) VALUES (?, ?, ?, ?, ?)", refused
            )
            _forget_oldest_refused(connection, {one.source for one in arrival.refused})
            connection.executemany(
                "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET count = count + excluded.count, last_at = excluded.last_at",
                [(arrival.source, what, number, now) for what, number in counts.items()],
            )

        with _arrivals(arrival.told):
            await self._writer.run(write)

    async def next_batch(self, limit: int, now: datetime, lane: Lane | None = None) -> list[SpooledCall]:
        """Return about `limit` facts of one lane or of both.

        Tenants in turn; of each the calls whose turn is earlier, then the oldest, all facts of a call together.
        """
        self._rounds[lane] += 1
        begin = self._rounds[lane]
        found = await self._writer.run(
            lambda connection: _next_rows(connection, limit, now.timestamp(), begin, lane)
        )
        opened = [(row, self._opened(row)) for row in found]
        broken = [row.id for row, told in opened if told is None]
        if broken:
            LOG.error("spool.rows_unopenable", rows=len(broken))
            await self.put_off(broken, now + UNOPENED_AGAIN_AFTER)
        return _by_call([(row, told) for row, told in opened if told is not None])

    async def done(self, ids: Sequence[str]) -> None:
        """Forget facts that their calls have for good."""
        await self._write("DELETE FROM facts WHERE id = ?", [(one,) for one in ids])

    async def put_off(self, ids: Sequence[str], until: datetime) -> None:
        """Offer these facts again only later."""
        rows = [(until.timestamp(), one) for one in ids]
        await self._write("UPDATE facts SET not_before = ?, tries = tries + 1 WHERE id = ?", rows)

    async def waiting(self) -> list[Waiting]:
        """Tell what waits, by tenant."""
        rows = await self._read("SELECT tenant, count(*), min(taken_at) FROM facts GROUP BY tenant")
        return [Waiting(tenant, number, _moment(oldest)) for tenant, number, oldest in rows]

    async def counts(self) -> list[Count]:
        """Tell what was refused, and what was only counted."""
        rows = await self._read("SELECT source, what, count, last_at FROM counts ORDER BY source, what")
        return [Count(source, what, number, _moment(last)) for source, what, number, last in rows]

    async def place(self, follower: str) -> Mapping[str, Any] | None:
        """Return how far a follower had read, or None for a new one."""
        rows = await self._read("SELECT content FROM places WHERE follower = ?", follower)
        content: Mapping[str, Any] | None = json.loads(rows[0][0]) if rows else None
        return content

    async def refused(self, limit: int) -> list[RefusedRow]:
        """Return the newest raw input that could not be read, opened; for a person with the right."""
        columns = "tenant, source, reason, sealed, at"
        rows = await self._read(f"SELECT {columns} FROM refused ORDER BY seq DESC LIMIT ?", limit)  # noqa: S608 -- constant
        return [
            RefusedRow(tenant, source, reason, self._sealer.open(tenant, sealed), _moment(at))
            for tenant, source, reason, sealed, at in rows
        ]

    async def _read(self, statement: str, *values: str | int) -> list[tuple[Any, ...]]:
        return await self._writer.run(lambda connection: connection.execute(statement, values).fetchall())

    async def _write(self, statement: str, rows: Sequence[tuple[str | float, ...]]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(statement, rows)

        await self._writer.run(write)

    def _fact_row(self, told: Told, now: float, arrival: Arrival) -> tuple[str, str, str, bytes, float, int]:
        call = told.fact.call
        return (
            told.fact.id,
            call.tenant,
            call.call_id,
            self._sealer.seal(call.tenant, write_told(told)),
            now,
            arrival.turn_of(call.call_id),
        )

    def _refused_row(self, refused: Refused, now: float) -> tuple[str, str, str, bytes, float]:
        tenant = refused.tenant or NO_TENANT
        return (tenant, refused.source, refused.reason, self._sealer.seal(tenant, refused.raw), now)

    def _opened(self, row: _Row) -> Told | None:
        try:
            return read_told(self._sealer.open(row.tenant, row.sealed))
        except (SealBroken, SpooledUnreadable):
            return None


@contextmanager
def _arrivals(told: Iterable[Told]) -> Iterator[None]:
    """Begin each call's trace where its fact arrives: one span a fact, until it is on the disk (A18)."""
    with ExitStack() as spans:
        for fact in (one.fact for one in told):
            ids = {"siaga.tenant": fact.call.tenant, "siaga.id": fact.call.call_id}
            spans.enter_context(
                span(f"{fact.witness} {fact.kind}", parent=call_trace(fact.call), attributes=ids)
            )
        yield


def _forget_oldest_refused(connection: sqlite3.Connection, sources: set[str]) -> None:
    connection.executemany(
        "DELETE FROM refused WHERE source = ? AND seq <="
        " (SELECT seq FROM refused WHERE source = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)",
        [(source, source, MOST_REFUSED) for source in sources],
    )


def _order_by_turn(connection: sqlite3.Connection) -> None:
    """Bring a file of an earlier version to this one's order."""
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(facts)")}
    if "turn" not in columns:
        connection.execute("ALTER TABLE facts ADD COLUMN turn INTEGER NOT NULL DEFAULT 0")
    connection.execute("CREATE INDEX IF NOT EXISTS facts_by_turn ON facts (tenant, turn, seq)")
    connection.execute("DROP INDEX IF EXISTS facts_by_tenant")


def _next_rows(
    connection: sqlite3.Connection, limit: int, now: float, begin: int, lane: Lane | None
) -> list[_Row]:
    tenants = [tenant for (tenant,) in connection.execute(_TENANTS)]
    offered = ((one, _next_calls(connection, one, limit, now, lane)) for one in tenants)
    queues = [[(tenant, call) for call in calls] for tenant, calls in offered if calls]
    if not queues:
        return []
    first = begin % len(queues)
    rows: list[_Row] = []
    for _, call in in_turn(chain.from_iterable(queues[first:] + queues[:first]), of=itemgetter(0)):
        if len(rows) >= limit:
            break
        rows += _rows_of(connection, call)
    return rows


def _next_calls(
    connection: sqlite3.Connection, tenant: str, limit: int, now: float, lane: Lane | None
) -> list[str]:
    found = connection.execute(
        "SELECT call FROM facts WHERE tenant = ? AND turn BETWEEN ? AND ? AND not_before <= ?"
        " ORDER BY turn, seq LIMIT ?",
        (tenant, *_TURNS[lane], now, limit),
    )
    return list(dict.fromkeys(call for (call,) in found))


def _rows_of(connection: sqlite3.Connection, call: str) -> list[_Row]:
    columns = "id, tenant, call, sealed, tries"
    found = connection.execute(f"SELECT {columns} FROM facts WHERE call = ? ORDER BY seq", (call,))  # noqa: S608 -- constant
    return [_Row(*row) for row in found]


def _by_call(opened: Sequence[tuple[_Row, Told]]) -> list[SpooledCall]:
    calls: dict[str, list[tuple[_Row, Told]]] = {}
    for row, told in opened:
        calls.setdefault(row.call, []).append((row, told))
    return [
        SpooledCall(
            key=rows[0][1].fact.call,
            told=tuple(told for _, told in rows),
            ids=tuple(row.id for row, _ in rows),
            tries=max(row.tries for row, _ in rows),
        )
        for rows in calls.values()
    ]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

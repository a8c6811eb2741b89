"""What intake's doorway itself took, by its own metrics, and what one fsync costs on this disk."""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bench.percentiles import percentile

METRIC = "siaga_http_seconds"
ROUTE = "/v1/tenants/{tenant}/trunks/{trunk}/events"
COMMITS = 50


@dataclass(frozen=True, slots=True)
class Served:
    """Requests that a doorway answered so far, and the seconds that it took for all of them."""

    requests: float = 0.0
    seconds: float = 0.0

    def since(self, before: "Served") -> "Served":
        """Return what was added."""
        return Served(self.requests - before.requests, self.seconds - before.seconds)


async def served(client: httpx.AsyncClient, intake: str) -> Served:
    """Ask intake's metrics."""
    return read_served((await client.get(f"{intake}/metrics")).text)


def read_served(metrics: str) -> Served:
    """Read the doorway for exchange events out of metrics in Prometheus' text format."""
    found = {"_count": 0.0, "_sum": 0.0}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            kind = sample.name.removeprefix(METRIC)
            if family.name == METRIC and kind in found and sample.labels["route"] == ROUTE:
                found[kind] += sample.value
    return Served(found["_count"], found["_sum"])


def commit_seconds(folder: Path) -> float:
    """Return the median time of one fsynced SQLite commit of one row: below it no spool can answer."""
    with TemporaryDirectory(dir=folder) as own:
        return percentile(list(_commits(Path(own) / "commits.db")), 0.5)


def _commits(file: Path) -> Iterator[float]:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows (content BLOB)")
    for _ in range(COMMITS):
        began = time.perf_counter()
        connection.execute("INSERT INTO rows VALUES (?)", (b"x" * 500,))
        yield time.perf_counter() - began
    connection.close()

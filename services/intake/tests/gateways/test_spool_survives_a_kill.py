"""kill -9 in the middle of a thousand appends: every acknowledged fact is there afterwards."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from service_kit.vault import Quarantine

APPENDS = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from intake.application.ports import Arrival, Place
from intake.domain.facts import CallKey, Fact, FactKind, Told, Witness
from intake.gateways.spool import SqliteSpool
from service_kit.vault import Quarantine

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

def fact(name):
    call = CallKey("53.03", "trunk", name)
    return Fact(id=name, call=call, kind=FactKind.QUEUED, witness=Witness.QUEUE_LOG, occurred_at=NOW, recorded_at=NOW)

async def append_for_ever(spool, worker):
    number = 0
    while True:
        name = f"{worker}-{number}"
        place = Place(str(worker), {"number": number})
        await spool.append(Arrival(source="test", told=[Told(fact(name))], place=place))
        print(name, flush=True)
        number += 1

async def main():
    spool = SqliteSpool(Path(sys.argv[1]), Quarantine(b"o" * 32), lambda: NOW)
    await spool.start()
    await asyncio.gather(*(append_for_ever(spool, worker) for worker in range(8)))

asyncio.run(main())
"""


def acknowledged_before_the_kill(path: Path, after: int) -> list[str]:
    child = subprocess.Popen([sys.executable, "-c", APPENDS, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    names = [next(child.stdout).strip() for _ in range(after)]
    child.kill()
    rest, _ = child.communicate()
    *whole, _ = rest.split("\n")
    return [*names, *whole]


def test_every_acknowledged_fact_and_its_place_is_there_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    acknowledged = acknowledged_before_the_kill(path, after=200)
    with sqlite3.connect(path) as spool:
        kept = {name for (name,) in spool.execute("SELECT id FROM facts")}
        places = dict(spool.execute("SELECT follower, content FROM places").fetchall())
        sealed = spool.execute("SELECT sealed FROM facts").fetchall()
    assert len(acknowledged) >= 200
    assert set(acknowledged) <= kept
    for worker, content in places.items():
        newest = max(int(name.split("-")[1]) for name in kept if name.startswith(f"{worker}-"))
        assert content == f'{{"number": {newest}}}'
    assert all(Quarantine(b"o" * 32).open("53.03", one).startswith(b"{") for (one,) in sealed)

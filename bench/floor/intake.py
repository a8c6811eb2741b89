"""Bare intake: a report is on the disk before it is answered, then its key, its caller and the call are saved."""

import asyncio
import json
import os
import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.floor.bare import DUE, OUTBOX, Bare, example
from bench.floor.door import serve


class Spool:
    """One SQLite file; rows that come while a commit is under way share the next."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        self._file.execute("CREATE TABLE IF NOT EXISTS facts (id TEXT PRIMARY KEY, content BLOB)")
        self._waiting: list[tuple[str, Sequence[Any], asyncio.Future[None]]] = []
        self._busy = False

    async def do(self, statement: str, row: Sequence[Any]) -> None:
        """Run one statement; returns when it is on the disk."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((statement, row, done))
        if not self._busy:
            self._busy = True
            while self._waiting:
                taken, self._waiting = self._waiting, []
                await asyncio.to_thread(self._commit, taken)
                for _, _, waiting in taken:
                    waiting.set_result(None)
            self._busy = False
        await done

    def _commit(self, taken: Sequence[tuple[str, Sequence[Any], object]]) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        for statement, row, _ in taken:
            self._file.execute(statement, row)
        self._file.execute("COMMIT")


async def main() -> None:
    """Take reports for ever."""
    bare, spool = Bare("intake"), Spool(Path(os.environ["BENCH_SPOOL"]))
    await bare.start()
    calls = await bare.collection("calls", DUE, OUTBOX, ("tenant", "order"), ("tenant", "over", "order"))
    keys, callers = await bare.collection("subject_keys"), await bare.collection("callers")
    known: set[str] = set()

    async def settle(call_id: str, number: str) -> None:
        if await keys.find_one({"_id": call_id}) is None:
            await keys.insert_one(
                {"_id": call_id, "generation": "0" * 8, "nonce": "n" * 16, "wrapped": "w" * 64}
            )
        if number not in known:
            known.add(number)
            if await callers.find_one({"_id": number}) is None:
                await callers.insert_one({"_id": number, "tenant": "53.03", "ref": uuid.uuid4().hex})
        state = {**example("call.received"), "call_id": call_id}
        await bare.save(calls, call_id, state, ["call.received"], {"over": True, "order": call_id})
        await spool.do("DELETE FROM facts WHERE id = ?", (call_id,))

    async def answer(_: str, body: Any) -> tuple[int, Any]:
        call_id = str(uuid.uuid4())
        await spool.do("INSERT INTO facts VALUES (?, ?)", (call_id, json.dumps(body).encode()))
        bare.background(settle(call_id, body["number"]))
        return 202, {"call_id": call_id}

    bare.say_ready()
    await serve(int(os.environ["BENCH_PORT"]), answer)


if __name__ == "__main__":
    asyncio.run(main())

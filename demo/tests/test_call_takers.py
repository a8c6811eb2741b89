"""Call takers at a desk whose door is played by a fake: every step once, however often they are killed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from siaga_demo.call_takers import Desk
from siaga_demo.decisions import decide
from siaga_demo.doors import DoorRefused, Visitor
from siaga_demo.journal import Journal
from siaga_demo.phrases import Phrases, read_phrases
from siaga_demo.supervisors import open_gaps

TENANT, SEED = "53.03", "s"
CALLS = [f"call-{number}" for number in range(60)]


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return read_phrases(Path(__file__).parents[1] / "phrases")


class Triage:
    """Answers like triage: keeps what was done under each key, and gives the same answer to a repeat."""

    def __init__(self, calls: list[str]) -> None:
        self.calls = {one: self._call(one) for one in calls}
        self.done: dict[str, tuple[str, str, Any]] = {}
        self.repeats = 0
        self.closed: set[str] = set()
        self.die_after: int | None = None

    @staticmethod
    def _call(call_id: str) -> dict[str, Any]:
        parent = f"00-{'a' * 32}-{'b' * 16}-01"
        return {"call_id": call_id, "classification": None, "story": None, "traceparent": parent}

    async def ask(self, method: str, service: str, path: str, **more: Any) -> dict[str, Any]:
        assert service == "triage"
        await asyncio.sleep(0)
        if method == "GET":
            last = path.rpartition("/")[2]
            return (
                {"items": [dict(one) for one in self.calls.values()]} if last == "calls" else self.calls[last]
            )
        return self._do(method, path, more["key"], more.get("body"), more["traceparent"])

    def _do(self, method: str, path: str, key: str, body: Any, traceparent: str) -> dict[str, Any]:
        assert traceparent
        if key in self.done:
            assert self.done[key] == (method, path, body), "a repeat must ask for the same"
            self.repeats += 1
        else:
            has_ticket = f"open-{path.split('/')[-2]}" in self.done
            if path.endswith("/ticket") and (has_ticket or body["ticket_id"] in self.closed):
                raise DoorRefused(409, {"type": "not_possible"})
            self.done[key] = (method, path, body)
        if path.endswith("/classification"):
            self.calls[path.split("/")[-2]]["classification"] = body["classification"]
        if self.die_after is not None and len(self.done) >= self.die_after:
            raise asyncio.CancelledError
        return {"ticket_id": f"ticket-of-{body['call_id']}"} if path.endswith("/tickets") else {}

    def asked(self, end: str) -> list[str]:
        return [key for key, (_, path, _) in self.done.items() if path.endswith(end)]


@asynccontextmanager
async def a_desk(triage: Triage, journal: Journal, phrases: Phrases) -> AsyncIterator[asyncio.Task[None]]:
    class Taker:
        name = "taker"
        ask = staticmethod(triage.ask)

    desk = Desk(TENANT, [cast("Visitor", Taker())] * 2, phrases, journal, seed=SEED, speed=1e9)
    working = asyncio.create_task(desk.work())
    yield working
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def until_done(journal: Journal, working: asyncio.Task[None], calls: int) -> None:
    async with asyncio.timeout(20):
        while len({line["call_id"] for line in journal.read() if line["what"] == "done"}) < calls:
            assert not working.done()
            await asyncio.sleep(0.01)


async def test_every_call_is_classified_and_every_one_that_needs_help_has_a_ticket(
    tmp_path: Path, phrases: Phrases
) -> None:
    triage, journal = Triage(CALLS), Journal(tmp_path / "diary.jsonl")
    async with a_desk(triage, journal, phrases) as working:
        await until_done(journal, working, len(CALLS))
    helped = [one for one in CALLS if decide(phrases, seed=SEED, tenant=TENANT, call_id=one, takers=2).story]
    assert len(triage.asked("/classification")) == len(CALLS)
    assert len(triage.asked("/tickets")) + len(triage.asked("/ticket")) == len(helped)
    assert len(triage.asked("/escalations")) + len(triage.asked("/closing")) == len(triage.asked("/tickets"))


async def test_a_second_report_of_a_fire_joins_the_first_ones_ticket(
    tmp_path: Path, phrases: Phrases
) -> None:
    triage, journal = Triage(CALLS), Journal(tmp_path / "diary.jsonl")
    async with a_desk(triage, journal, phrases) as working:
        await until_done(journal, working, len(CALLS))
    fires = [line for line in journal.read() if line["what"] == "done" and line["fire"]]
    assert len(fires) > 1
    assert [line["joined"] for line in fires] == [False] + [True] * (len(fires) - 1)
    assert len({line["ticket_id"] for line in fires}) == 1


async def test_a_fire_whose_ticket_is_closed_gets_a_new_one(tmp_path: Path, phrases: Phrases) -> None:
    fires = [one for one in CALLS if decide(phrases, seed=SEED, tenant=TENANT, call_id=one, takers=2).fire]
    triage, journal = Triage(fires[:2]), Journal(tmp_path / "diary.jsonl")
    triage.closed = {f"ticket-of-{one}" for one in fires}
    async with a_desk(triage, journal, phrases) as working:
        await until_done(journal, working, 2)
    assert len(triage.asked("/tickets")) == 2


async def test_a_desk_killed_after_any_step_ends_with_the_same_steps(
    tmp_path: Path, phrases: Phrases
) -> None:
    whole, journal = Triage(CALLS), Journal(tmp_path / "whole.jsonl")
    async with a_desk(whole, journal, phrases) as working:
        await until_done(journal, working, len(CALLS))
    killed, diary = Triage(CALLS), Journal(tmp_path / "killed.jsonl")
    for steps in range(5, len(whole.done), 9):
        killed.die_after = steps
        async with a_desk(killed, diary, phrases) as working:
            await asyncio.wait([working], timeout=0.2)
    killed.die_after = None
    async with a_desk(killed, diary, phrases) as working:
        await until_done(diary, working, len(CALLS))
    tickets = ("/classification", "/escalations", "/closing")
    assert {key for end in tickets for key in killed.asked(end)} == {
        key for end in tickets for key in whole.asked(end)
    }
    done = [line["call_id"] for line in diary.read() if line["what"] == "done"]
    assert len(done) == len(set(done))


def test_a_supervisor_decides_about_open_gaps_only() -> None:
    tasks = [
        task("1", "declined", gap="open", possible=["gap", "offers"]),
        task("2", "declined", gap="accepted"),
        task("3", "accepted", possible=["cancellation"]),
    ]
    assert list(open_gaps({"tasks": tasks})) == ["1"]


def test_a_supervisor_leaves_a_gap_alone_while_a_stand_in_is_asked() -> None:
    gap = task("1", "declined", gap="open", possible=["gap"])
    assert list(open_gaps({"tasks": [gap, task("2", "offered", stands_in_for="1")]})) == []
    assert list(open_gaps({"tasks": [gap, task("2", "unanswered", stands_in_for="1")]})) == ["1"]


def task(
    task_id: str,
    status: str,
    *,
    gap: str | None = None,
    possible: Sequence[str] = (),
    stands_in_for: str | None = None,
) -> dict[str, Any]:
    return {
        "task_id": task_id,
        "status": status,
        "gap": gap,
        "possible": possible,
        "stands_in_for": stands_in_for,
    }

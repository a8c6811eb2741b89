"""The demo's call takers and supervisors, at the public API with their own accounts.

`python -m siaga_demo.call_takers`. Whatever is decided about a call is written down before the first
request and repeated with the same keys after a restart, so that a kill neither loses nor doubles a step.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service_kit.secrets import Secrets
from siaga_demo import people
from siaga_demo.decisions import Decision, decide
from siaga_demo.doors import DoorRefused, Doors, Visitor
from siaga_demo.ending import until_asked_to_end
from siaga_demo.journal import Journal
from siaga_demo.pace import seconds_at, speed_from_environment
from siaga_demo.phrases import Phrases, read_phrases
from siaga_demo.supervisors import supervise

LOOK_EVERY = 0.5
MOST_CALLS = "500"
Call = Mapping[str, Any]


class Desk:
    """The call takers of one tenant."""

    def __init__(
        self,
        tenant: str,
        takers: list[Visitor],
        phrases: Phrases,
        journal: Journal,
        *,
        seed: str,
        speed: float,
    ) -> None:
        self._tenant, self._takers, self._phrases, self._journal = tenant, takers, phrases, journal
        self._seed, self._speed = seed, speed
        self._queues: list[asyncio.Queue[tuple[Call, Decision]]] = [asyncio.Queue() for _ in takers]
        self._known: set[str] = set()
        self._fires: dict[str, str] = {}
        self._fire_watch = asyncio.Lock()

    async def work(self) -> None:
        """Take calls for ever."""
        await self._remember()
        async with asyncio.TaskGroup() as desk:
            desk.create_task(self._watch())
            for taker, queue in zip(self._takers, self._queues, strict=True):
                desk.create_task(self._take(taker, queue))

    async def _remember(self) -> None:
        """Read the diary: finished calls are left alone, begun ones are done again with the same keys."""
        lines = [line for line in self._journal.read() if line.get("tenant") == self._tenant]
        finished = {line["call_id"] for line in lines if line["what"] in {"done", "refused"}}
        for line in lines:
            if line["what"] == "done" and line["fire"] and not line["joined"]:
                self._fires[line["fire"]] = line["ticket_id"]
        begun = {line["call_id"] for line in lines if line["what"] == "decided"} - finished
        self._known |= finished
        for call_id in sorted(begun):
            await self._look_at(await self._call(call_id), again=True)

    async def _watch(self) -> None:
        while True:
            for view in ("current", "unclassified"):
                path = f"/v1/tenants/{self._tenant}/calls"
                query = {"view": view, "limit": MOST_CALLS}
                listed = await self._takers[0].ask("GET", "triage", path, query=query)
                for call in listed["items"]:
                    if call["call_id"] not in self._known and call["classification"] is None:
                        await self._look_at(call)
            await asyncio.sleep(LOOK_EVERY)

    async def _call(self, call_id: str, *, personal: bool = False) -> Call:
        path = f"/v1/tenants/{self._tenant}/calls/{call_id}"
        query = {"personal": "true"} if personal else None
        return await self._takers[0].ask("GET", "triage", path, query=query)

    async def _look_at(self, call: Call, *, again: bool = False) -> None:
        call_id = call["call_id"]
        told = ""
        if call["story"] is not None:
            told = str((await self._call(call_id, personal=True))["story"] or "")
        decision = decide(
            self._phrases,
            seed=self._seed,
            tenant=self._tenant,
            call_id=call_id,
            takers=len(self._takers),
            told=told,
        )
        self._known.add(call_id)
        if not again:
            label = decision.classification.value
            self._journal.write("decided", tenant=self._tenant, call_id=call_id, classification=label)
        self._queues[decision.taker].put_nowait((call, decision))

    async def _take(self, taker: Visitor, queue: asyncio.Queue[tuple[Call, Decision]]) -> None:
        while True:
            call, decision = await queue.get()
            await asyncio.sleep(seconds_at(self._speed, decision.thinking_seconds))
            try:
                done = await self._handle(taker, call, decision)
            except DoorRefused as error:
                self._journal.write(
                    "refused",
                    tenant=self._tenant,
                    call_id=call["call_id"],
                    status=error.status,
                    why=str(error),
                )
                continue
            self._journal.write("done", tenant=self._tenant, call_id=call["call_id"], by=taker.name, **done)

    async def _handle(self, taker: Visitor, call: Call, decision: Decision) -> dict[str, Any]:
        """Classify; open or join a ticket; hand it to agencies or close it."""
        work = Work(self._tenant, taker, call, decision)
        await work.classify()
        done = {"classification": decision.classification.value, "fire": decision.fire, "joined": False}
        if decision.story is None:
            return {**done, "ticket_id": None, "incident_type": None, "escalated": False, "closed": False}
        async with self._fire_watch:
            known = self._fires.get(decision.fire)
            ticket_id = await work.join(known) if known else None
            joined = ticket_id is not None
            ticket_id = ticket_id or await work.open_ticket()
            if decision.fire:
                self._fires[decision.fire] = ticket_id
        if not joined:
            await work.finish(ticket_id)
        return {
            **done,
            "joined": joined,
            "ticket_id": ticket_id,
            "incident_type": decision.story.incident_type,
            "escalated": not joined and not decision.closing_reason,
            "closed": not joined and bool(decision.closing_reason),
        }


class Work:
    """What one taker does about one call; every step carries a key that follows from the call."""

    def __init__(self, tenant: str, taker: Visitor, call: Call, decision: Decision) -> None:
        self._base = f"/v1/tenants/{tenant}"
        self._taker, self._call, self._decision = taker, call, decision

    async def classify(self) -> None:
        """Say what the call was."""
        body = {"classification": self._decision.classification.value}
        await self._do("PUT", f"/calls/{self._call['call_id']}/classification", body, "classify")

    async def join(self, ticket_id: str) -> str | None:
        """Join the call to a known ticket; None where that one is closed by now."""
        try:
            body = {"ticket_id": ticket_id}
            await self._do("PUT", f"/calls/{self._call['call_id']}/ticket", body, f"join-{ticket_id}")
        except DoorRefused:
            return None
        return ticket_id

    async def open_ticket(self) -> str:
        """Open a ticket that tells the caller's story."""
        story, place = self._decision.story, self._decision.place
        assert story is not None
        assert place is not None
        body = {
            "call_id": self._call["call_id"],
            "incident_type": story.incident_type,
            "priority": story.priority or None,
            "district": place.district,
            "place": place.text,
            "story": story.text,
        }
        return str((await self._do("POST", "/tickets", body, "open"))["ticket_id"])

    async def finish(self, ticket_id: str) -> None:
        """Hand the ticket to the agencies of its type, or close it where none is needed."""
        reason = self._decision.closing_reason
        if reason:
            body = {"disposition": "no_agency_needed", "reason": reason}
            await self._do("POST", f"/tickets/{ticket_id}/closing", body, "close")
        else:
            await self._do("POST", f"/tickets/{ticket_id}/escalations", {}, "escalate")

    async def _do(self, method: str, path: str, body: object, step: str) -> dict[str, Any]:
        return await self._taker.ask(
            method,
            "triage",
            f"{self._base}{path}",
            body=body,
            key=f"{step}-{self._call['call_id']}",
            traceparent=self._call["traceparent"],
        )


async def _run() -> None:
    folder = Path(os.environ["SIAGA_DEMO_DIR"])
    doors = Doors(Path(os.environ["SIAGA_DEMO_SERVICES"]), Secrets(Path(os.environ["SIAGA_SECRETS_DIR"])))
    journal = Journal(folder / "call_takers.jsonl")
    phrases = read_phrases(Path(os.environ["SIAGA_DEMO_PHRASES"]))
    seed, speed = os.environ.get("SIAGA_DEMO_SEED", people.SEED), speed_from_environment()
    desks = [
        Desk(
            tenant,
            [Visitor(doors, people.taker(tenant, number)) for number in range(count)],
            phrases,
            journal,
            seed=seed,
            speed=speed,
        )
        for tenant, count in people.TAKERS.items()
    ]
    watches = [
        supervise(tenant, Visitor(doors, people.supervisor(tenant)), journal, speed=speed)
        for tenant in people.TENANTS
    ]
    await until_asked_to_end([*(desk.work() for desk in desks), *watches])
    await doors.close()
    journal.close()


def main() -> None:
    """Run as a program."""
    asyncio.run(_run())


if __name__ == "__main__":
    main()

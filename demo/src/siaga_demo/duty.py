"""Agencies on duty: each request gets a plan, which is kept and carried out, also after a restart."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from shared_schemas.vocabulary import ReplyKind
from siaga_demo import people
from siaga_demo.doors import DoorRefused, Doors, Visitor
from siaga_demo.journal import Journal
from siaga_demo.pace import seconds_at
from siaga_demo.plans import Plan, Step, plan_for
from siaga_demo.requests import Asked

FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0
LINK_TIMEOUT = 10.0


class Duty:
    """All agencies of the demo."""

    def __init__(self, doors: Doors, journal: Journal, *, seed: str, speed: float) -> None:
        self._doors, self._journal, self._seed, self._speed = doors, journal, seed, speed
        self._visitors: dict[tuple[str, str], Visitor] = {}
        self._known: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()

    def remember(self) -> None:
        """Carry on what was begun before a restart."""
        lines = list(self._journal.read())
        replied = {(one["message_id"], one["reply"]) for one in lines if one["what"] == "replied"}
        for line in lines:
            if line["what"] != "asked":
                continue
            self._known.add(line["message_id"])
            asked, steps = _asked_of(line), [Step(**step) for step in line["steps"]]
            left = [step for step in steps if (asked.message_id, step.reply) not in replied]
            self._carry_out(asked, left, begun=line["begun"])

    def take(self, asked: Asked) -> None:
        """Plan what to do about a request; a repeat of the same message is dull."""
        if asked.message_id in self._known:
            return
        self._known.add(asked.message_id)
        plan = plan_for(
            seed=self._seed,
            task_id=asked.task_key,
            contact=asked.contact,
            answer_within_seconds=asked.answer_within_seconds,
        )
        begun = time.time()
        self._journal.write("asked", begun=begun, **_written(asked, plan))
        self._carry_out(asked, plan.steps, begun=begun)

    async def end(self) -> None:
        """Stop; the diary knows what is left to do."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _carry_out(self, asked: Asked, steps: Sequence[Step], *, begun: float) -> None:
        task = asyncio.create_task(self._follow(asked, steps, begun))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _follow(self, asked: Asked, steps: Sequence[Step], begun: float) -> None:
        for step in steps:
            await asyncio.sleep(max(0.0, begun + seconds_at(self._speed, step.after_seconds) - time.time()))
            status = await self._reply(asked, step)
            self._journal.write(
                "replied",
                message_id=asked.message_id,
                tenant=asked.tenant,
                ticket_id=asked.ticket_id,
                task_id=asked.task_id,
                agency=asked.agency,
                contact=asked.contact,
                reply=ReplyKind(step.reply).value,
                by="link" if asked.reply_links else "api",
                status=status,
            )

    async def _reply(self, asked: Asked, step: Step) -> int:
        """Say it by the agency's own system, or press the button behind a link; returns the status."""
        if asked.reply_links:
            return await self._press(asked.reply_links[ReplyKind(step.reply)], step.reason)
        visitor = self._visitor(asked.tenant, asked.agency)
        path = f"/v1/tenants/{asked.tenant}/tickets/{asked.ticket_id}/tasks/{asked.task_id}/replies"
        body = {"reply": step.reply, "reason": step.reason}
        key = f"{asked.message_id}-{step.reply}"
        try:
            await visitor.ask(
                "POST", "agency-notifier", path, body=body, key=key, traceparent=asked.traceparent
            )
        except DoorRefused as error:
            return error.status
        return 202

    async def _press(self, link: str, reason: str) -> int:
        """Open the page, then press its button, as a person would; again while the service is away."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._doors.client.get(link, timeout=LINK_TIMEOUT)
                form = {"reason": reason} if reason else {}
                response = await self._doors.client.post(link, data=form, timeout=LINK_TIMEOUT)
            except httpx.HTTPError:
                await asyncio.sleep(wait)
            else:
                if not response.is_server_error:
                    return response.status_code
                await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _visitor(self, tenant: str, agency: str) -> Visitor:
        who = (tenant, agency)
        if who not in self._visitors:
            self._visitors[who] = Visitor(self._doors, people.agency(tenant, agency))
        return self._visitors[who]


def _written(asked: Asked, plan: Plan) -> dict[str, Any]:
    """Return what the diary keeps of a request: ids, the plan, and the links that carry it out."""
    return {
        "message_id": asked.message_id,
        "tenant": asked.tenant,
        "agency": asked.agency,
        "contact": asked.contact,
        "task_key": asked.task_key,
        "ticket_id": asked.ticket_id,
        "task_id": asked.task_id,
        "traceparent": asked.traceparent,
        "reply_links": {kind.value: link for kind, link in asked.reply_links.items()},
        "manner": plan.manner.value,
        "steps": [
            {"reply": step.reply.value, "after_seconds": step.after_seconds, "reason": step.reason}
            for step in plan.steps
        ],
    }


def _asked_of(line: Mapping[str, Any]) -> Asked:
    names = "message_id tenant agency contact task_key ticket_id task_id traceparent".split()
    links = {ReplyKind(kind): link for kind, link in line["reply_links"].items()}
    return Asked(**{name: line[name] for name in names}, reply_links=links)

"""The demo's supervisors: where no agency brings help, a person decides, and the response can end."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from shared_schemas.vocabulary import TaskStatus
from siaga_demo.doors import DoorRefused, Visitor
from siaga_demo.journal import Journal
from siaga_demo.pace import seconds_at

LOOK_EVERY = 1.0
THINKING_SECONDS = 60.0
REASON = "ditangani langsung oleh pengawas"


def open_gaps(response: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tasks of a response whose gap a person has to decide about now: nobody is being asked."""
    asked = {one["stands_in_for"] for one in response["tasks"] if not TaskStatus(one["status"]).is_final}
    for task in response["tasks"]:
        if task["gap"] == "open" and "gap" in task["possible"] and task["task_id"] not in asked:
            yield task["task_id"]


async def supervise(tenant: str, visitor: Visitor, journal: Journal, *, speed: float) -> None:
    """Accept every gap that the ladder could not fill, some time after the supervisor was called."""
    decided: set[str] = set()
    while True:
        path = f"/v1/tenants/{tenant}/responses"
        listed = await visitor.ask(
            "GET", "dispatch", path, query={"status": "needs_supervisor", "limit": "500"}
        )
        for response in listed["items"]:
            for task_id in set(open_gaps(response)) - decided:
                decided.add(task_id)
                await asyncio.sleep(seconds_at(speed, THINKING_SECONDS))
                await _accept(tenant, visitor, journal, response, task_id)
        await asyncio.sleep(LOOK_EVERY)


async def _accept(
    tenant: str, visitor: Visitor, journal: Journal, response: Mapping[str, Any], task_id: str
) -> None:
    ticket_id = response["ticket_id"]
    path = f"/v1/tenants/{tenant}/responses/{ticket_id}/tasks/{task_id}/gap"
    body = {"decision": "accept", "reason": REASON}
    try:
        await visitor.ask(
            "POST", "dispatch", path, body=body, key=f"gap-{task_id}", traceparent=response["traceparent"]
        )
    except DoorRefused as error:
        journal.write("gap_refused", tenant=tenant, ticket_id=ticket_id, task_id=task_id, why=str(error))
    else:
        journal.write("gap_accepted", tenant=tenant, ticket_id=ticket_id, task_id=task_id, by=visitor.name)

"""Replies by an agency's own program, with the agency's credential."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from agency_notifier.api.reason import LONGEST_REASON, on_one_line
from agency_notifier.application.reply_task import ReplyTask, Said
from service_kit.decisions import Unknown
from service_kit.http import Body, Commanded, granted, mark_version, saved_or_problem, unknown
from service_kit.identity import Action, Principal
from service_kit.telemetry import span
from shared_schemas.vocabulary import ReplyKind

Replier = Annotated[Principal, Depends(granted(Action.REPLY_TASK))]


def _that_utc_can_tell(moment: datetime) -> datetime:
    """Refuse what no event could carry: the first and the last hours that a calendar has."""
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no time that UTC can tell") from error
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_that_utc_can_tell)]
Reason = Annotated[str, StringConstraints(max_length=LONGEST_REASON), AfterValidator(on_one_line)]


class ReplyIn(Body):
    """What an agency says about its task."""

    reply: ReplyKind
    reason: Reason = Field(default="", description="Why, on one line; needed by people for a decline.")
    occurred_at: Moment | None = Field(
        default=None, description="When it happened, by the agency's clock; the server's if not given."
    )


class ReplyOut(BaseModel):
    """What was recorded."""

    reply_id: str
    reply: ReplyKind


def router(reply: ReplyTask) -> APIRouter:
    """Return the doorway."""
    doors = APIRouter(prefix="/v1/tenants/{tenant}", tags=["replies"])

    @doors.post("/tickets/{ticket_id}/tasks/{task_id}/replies", status_code=HTTPStatus.ACCEPTED)
    async def post_reply(
        tenant: str,
        ticket_id: str,
        task_id: str,
        body: ReplyIn,
        who: Replier,
        command: Commanded,
        response: Response,
    ) -> ReplyOut:
        """Take a reply as a fact; dispatch judges it. Another agency's task looks unknown."""
        asked = await reply.asked(tenant, ticket_id, task_id, who.agency or "")
        if isinstance(asked, Unknown):
            raise unknown("task")
        with span("agency reply", parent=asked.traceparent):
            said = Said(body.reply, body.reason, body.occurred_at)
            saved = saved_or_problem(await reply.by_agency(asked, said, command), what="reply")
        mark_version(response, saved.version, repeated=saved.repeated)
        return ReplyOut(reply_id=saved.state.reply_id, reply=saved.state.reply)

    return doors

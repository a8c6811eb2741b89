"""Replies by an agency's own program, with the agency's credential."""

from http import HTTPStatus
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from agency_notifier.api.reason import LONGEST_REASON, on_one_line
from agency_notifier.application.reply_task import ReplyTask, Said
from service_kit.decisions import Unknown
from service_kit.http import Body, Commanded, granted, mark_version, saved_or_problem, unknown
from service_kit.identity import Action, Principal
from service_kit.moment import ToldMoment
from service_kit.telemetry import logger, span
from shared_schemas.vocabulary import ReplyKind, TaskStatus

LOG = logger(__name__)

Replier = Annotated[Principal, Depends(granted(Action.REPLY_TASK))]
Reason = Annotated[str, StringConstraints(max_length=LONGEST_REASON), AfterValidator(on_one_line)]


class ReplyIn(Body):
    """What an agency says about its task; the word is worth more than its time, which is left out if need be."""

    reply: ReplyKind
    reason: Reason = Field(default="", description="Why, on one line; needed by people for a decline.")
    occurred_at: ToldMoment | None = Field(
        default=None,
        description="When it happened, by the agency's clock, from 1900 to 2200; the server's where it is "
        "not given, or is no such time (then `left_out` names it).",
    )
    _left_out: tuple[str, ...] = PrivateAttr(default=())

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the names of fields that could not be used."""
        return self._left_out

    @model_validator(mode="wrap")
    @classmethod
    def _without_an_impossible_time(cls, said: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(said)
        except ValidationError as error:
            if {one["loc"][:1] for one in error.errors()} != {("occurred_at",)}:
                raise
        kept = handler({**said, "occurred_at": None})
        kept._left_out = ("occurred_at",)  # noqa: SLF001 - this very class's own
        return kept


class ReplyOut(BaseModel):
    """What was recorded."""

    reply_id: str
    reply: ReplyKind
    left_out: tuple[str, ...] = Field(default=(), description="Fields that could not be used.")
    task_closed: TaskStatus | None = Field(
        default=None,
        description="How the task ended, as far as is known now: it is the agency's no more, and nobody is "
        "to set out for it. Null while it is the agency's.",
    )


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
        """Take a reply as a fact; dispatch judges it. Another agency's task looks unknown.

        A reply to a task that has ended is a fact too, and a late one tells a time that was missing:
        it is 202, also when repeated, and `task_closed` says that the task is no longer the agency's.
        """
        asked = await reply.asked(tenant, ticket_id, task_id, who.agency or "")
        if isinstance(asked, Unknown):
            raise unknown("task")
        with span("agency reply", parent=asked.traceparent):
            said = Said(body.reply, body.reason, body.occurred_at)
            saved = saved_or_problem(await reply.by_agency(asked, said, command), what="reply")
        if body.left_out:
            LOG.info("reply.field_left_out", tenant=tenant, id=saved.state.reply_id, fields=body.left_out)
        mark_version(response, saved.version, repeated=saved.repeated)
        return ReplyOut(
            reply_id=saved.state.reply_id,
            reply=saved.state.reply,
            left_out=body.left_out,
            task_closed=await reply.closed(asked),
        )

    return doors

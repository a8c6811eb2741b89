"""Agencies and supervisors: they answer, refuse, stay silent or come late; a person decides what nobody can."""

from typing import Any

from agency_notifier.application.notice import Notice
from agency_notifier.application.reply_task import Said
from agency_notifier.domain.response import SUPERVISOR
from dispatch.domain import deeds
from dispatch.domain.response import Response
from service_kit.decisions import Unknown
from shared_schemas.vocabulary import ReplyKind
from tests.simulation.people import Person

STEPS = (ReplyKind.ACCEPTED, ReplyKind.EN_ROUTE, ReplyKind.ON_SCENE, ReplyKind.DONE)


class Agency(Person):
    """Whoever reads one message at an agency."""

    async def answer(self, notice: Notice) -> None:
        """Do what this person does, from setting out to silence."""
        ways = ("help", "decline", "silent", "late", "forgetful")
        shares = (100, 0, 0, 0, 0) if self.town.faults.ceased else (60, 12, 14, 8, 6)
        way = self.chance.choices(ways, shares)[0]
        if way == "silent":
            return
        await self.pause(*((70, 200) if way == "late" else (2, 25)))
        if way == "decline":
            await self.say(notice, ReplyKind.DECLINED)
            return
        for step in STEPS[: 2 if way == "forgetful" else 4]:
            if step is not ReplyKind.DONE and self.chance.random() < 0.4:
                continue  # a later word implies the earlier ones
            await self.say(notice, step)
            if step is ReplyKind.DONE and self.chance.random() < 0.1:
                self.town.think_again(notice)
            await self.pause(5, 240)

    async def say(self, notice: Notice, reply: ReplyKind) -> None:
        """Say one word about a task, by the API."""
        key = f"{notice.task_id}/{reply}"
        said = Said(reply, "no vehicle" if reply is ReplyKind.DECLINED else "", self.town.true_time())

        async def ask(doors: Any, clock: Any) -> Any:
            task = await doors.reply.asked(notice.tenant, notice.ticket_id, notice.task_id, notice.agency)
            if isinstance(task, Unknown):
                return task
            return await doors.reply.by_agency(task, said, self.command(clock(), key))

        answer = await self.insist(self.town.notifier, ask)
        self.note("says {} about {}: {}", reply.value, notice.task_id[:8], type(answer).__name__)
        if isinstance(answer, Unknown):
            self.town.blame(f"{self.name} was asked about {notice.task_id} and is not known to have been")


class Supervisor(Person):
    """Decides what no agency and no clock can."""

    async def called(self, notice: Notice) -> None:
        """Look at a response that needs a person, after a moment."""
        await self.pause(10, 90)
        await self.settle(notice.ticket_id)

    async def settle(self, ticket_id: str) -> None:
        """Do what is possible about every gap and every late task of a response."""
        kept = await self.insist(
            self.town.dispatch, lambda doors, _: doors.listings.get(self.tenant, ticket_id)
        )
        if kept is None:
            return
        response: Response = kept.state
        for task in response.tasks:
            possible = deeds.possible(response, task)
            if deeds.ACCEPT_GAP in possible and task.stands_in_for is None:
                again = deeds.OFFER in possible and self.chance.random() < 0.3
                await self._act(response, task.task_id, "offer_again" if again else "accept_gap")
            elif task.is_overdue and deeds.CANCEL in possible and self.chance.random() < 0.7:
                await self._act(response, task.task_id, "cancel")

    async def _act(self, response: Response, task_id: str, what: str) -> None:
        key = f"{what}/{self.key()}"
        more = (None,) if what == "offer_again" else ()

        async def ask(doors: Any, clock: Any) -> Any:
            deed = getattr(doors.act, what)
            command = self.command(clock(), key, "decided")
            return await deed(self.tenant, response.ticket_id, task_id, *more, command)

        answer = await self.insist(self.town.dispatch, ask)
        self.note("{} {}: {}", what, task_id[:8], type(answer).__name__)


def is_for_supervisor(notice: Notice) -> bool:
    """Say whether a message calls a supervisor."""
    return notice.agency == SUPERVISOR

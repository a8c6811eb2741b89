"""An agency says something about its task, by the API or by a link."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from agency_notifier.application.ports import (
    AddressBook,
    Deliveries,
    Linked,
    LinkExpired,
    Replies,
    ReplyLinks,
    Responses,
    Traced,
)
from agency_notifier.domain.reply import AgencyReply, Door, record, reply_id
from agency_notifier.domain.response import Brief
from service_kit.decisions import Command, Conflict, KeyReused, NotPossible, Saved, Unknown
from shared_schemas.vocabulary import ReplyKind, TaskStatus

Outcome = Saved[AgencyReply] | Conflict[AgencyReply] | KeyReused | NotPossible | Unknown


@dataclass(frozen=True, slots=True)
class Said:
    """What an agency says."""

    reply: ReplyKind
    reason: str = ""
    occurred_at: datetime | None = None


class ReplyTask:
    """Keeps what an agency says, as a fact for dispatch to judge."""

    def __init__(
        self, deliveries: Deliveries, responses: Responses, replies: Replies, book: AddressBook
    ) -> None:
        self._deliveries, self._responses = deliveries, responses
        self._replies, self._book = replies, book

    async def asked(self, tenant: str, ticket_id: str, task_id: str, agency: str) -> Traced | Unknown:
        """Return the newest delivery by which this agency was asked; a foreign task looks unknown."""
        found = await self._deliveries.of_ticket(tenant, ticket_id)
        own = [one for one in found if (one.state.task_id, one.state.agency) == (task_id, agency)]
        return max(own, key=lambda one: one.state.step, default=None) or Unknown()

    async def closed(self, asked: Traced) -> TaskStatus | None:
        """Return how the task ended, by the newest that was heard; None while it is the agency's."""
        response = await self._responses.get(asked.state.tenant, asked.state.ticket_id)
        return response.closed(asked.state.task_id) if response else None

    async def by_agency(self, asked: Traced, said: Said, command: Command) -> Outcome:
        """Keep a reply that came with the agency's own credential."""
        return await self._keep(asked, said, command, door=Door.API)

    async def by_link(self, asked: Traced, said: Said, at: datetime) -> Outcome:
        """Keep a reply that came by a link; every link of one delivery and reply is the same command."""
        contact = f"{asked.state.agency}/{asked.state.contact}"
        command = Command(key=f"link:{asked.state.delivery_id}:{said.reply}", by=contact, at=at)
        return await self._keep(asked, said, command, door=Door.LINK)

    async def _keep(self, asked: Traced, said: Said, command: Command, *, door: Door) -> Outcome:
        task = asked.state
        new = AgencyReply(
            tenant=task.tenant,
            reply_id=reply_id(task.tenant, task.task_id, command.key),
            ticket_id=task.ticket_id,
            task_id=task.task_id,
            agency=task.agency,
            reply=said.reply,
            by=command.by,
            channel=door,
            occurred_at=said.occurred_at or command.at,
            reason=said.reason,
            configuration_version=self._book.regency(task.tenant).configuration_version,
        )
        return await self._replies.change(task.tenant, new.reply_id, partial(record, new=new), command)


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a page shows of a link: no personal data. `closed` says how the task ended, where it did."""

    asked: Traced
    reply: ReplyKind
    brief: Brief
    type_name: tuple[str, str]
    agency_name: str
    closed: TaskStatus | None = None


class OpenLink:
    """Reads a link and what it is about; changes nothing."""

    def __init__(
        self,
        links: ReplyLinks,
        deliveries: Deliveries,
        responses: Responses,
        book: AddressBook,
    ) -> None:
        self._links, self._deliveries, self._responses = links, deliveries, responses
        self._book = book

    async def __call__(self, token: str) -> OpenedLink:
        """Return what the link is about.

        Raises:
            LinkBroken, LinkExpired: it is about nothing (any more).
        """
        linked: Linked = self._links.read(token)
        asked = await self._deliveries.get(linked.tenant, linked.delivery_id)
        response = await self._responses.get(linked.tenant, asked.state.ticket_id) if asked else None
        if asked is None or response is None:
            raise LinkExpired
        contact = self._book.contact(linked.tenant, asked.state.agency, asked.state.contact)
        return OpenedLink(
            asked=asked,
            reply=linked.reply,
            brief=response.brief,
            type_name=self._book.type_name(linked.tenant, response.brief.incident_type),
            agency_name=contact.agency_name if contact else asked.state.agency,
            closed=response.closed(asked.state.task_id),
        )

"""A response changed: whoever is to be told gets a message, whoever is no longer needed gets none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from agency_notifier.application.ports import AddressBook, Clock, Deliveries, Responses, Sending
from agency_notifier.domain.delivery import Claim, Delivery, begin, make, withdraw
from agency_notifier.domain.response import Request, Response
from service_kit.decisions import Heard, Saved
from shared_schemas.vocabulary import TaskStatus


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that makes tries: its name, and how long its word for one try counts."""

    name: str
    lease: timedelta


class FollowResponse:
    """Makes the deliveries that the newest known state of a response asks for."""

    def __init__(
        self,
        responses: Responses,
        deliveries: Deliveries,
        book: AddressBook,
        sending: Sending,
        clock: Clock,
        worker: Worker,
    ) -> None:
        self._responses, self._deliveries, self._book = responses, deliveries, book
        self._sending, self._clock, self._worker = sending, clock, worker

    async def __call__(self, response: Response, heard: Heard) -> None:
        """Bring the ticket's deliveries in line with the newest state; twice and late are dull.

        What is done follows from the newest state that was kept, not from this event: an older one
        that comes late asks for nothing.
        """
        newest = await self._responses.hear(response, heard)
        found = await self._deliveries.of_ticket(newest.tenant, newest.ticket_id)
        known = {one.state.delivery_id: one.state for one in found}
        offered = {task.task_id for task in newest.tasks if task.status == TaskStatus.OFFERED}
        wanted = newest.requests()
        for request in wanted:
            if request.delivery_id not in known and (request.stands or request.task_id in offered):
                await self._make(newest, request)
        standing = {request.delivery_id for request in wanted if request.stands}
        await self._withdraw(newest, known, standing)

    async def _make(self, response: Response, request: Request) -> None:
        """Save the delivery, already claimed, and let its first try begin at once."""
        now = self._clock()
        contact = self._book.contact(response.tenant, request.agency, request.contact)
        new = make(
            request,
            tenant=response.tenant,
            ticket_id=response.ticket_id,
            channels=tuple(contact.addresses) if contact else (),
            claim=Claim(self._worker.name, now, now + self._worker.lease),
            configuration_version=self._book.regency(response.tenant).configuration_version,
            priority=response.brief.priority,
        )
        saved = await self._deliveries.change(response.tenant, new.delivery_id, partial(begin, new=new))
        if isinstance(saved, Saved) and saved.state.claimed_by(self._worker.name):
            self._sending.take(saved.state)

    async def _withdraw(self, response: Response, known: Mapping[str, Delivery], standing: set[str]) -> None:
        for delivery in known.values():
            if delivery.is_waiting and delivery.delivery_id not in standing:
                await self._deliveries.change(response.tenant, delivery.delivery_id, withdraw)

"""One try: look whether it is still wanted, open what it has to say, send, and save how it went."""

from dataclasses import replace
from functools import partial

from agency_notifier.application.circuits import Circuits
from agency_notifier.application.follow_response import Worker
from agency_notifier.application.ports import (
    AddressBook,
    Answer,
    Chance,
    Clock,
    ContentUnavailable,
    Deliveries,
    Outbound,
    Responses,
)
from agency_notifier.application.write_notice import WriteNotice
from agency_notifier.domain.delivery import Delivery, Fate, Try, renew, report, withdraw
from agency_notifier.domain.response import Response
from service_kit.decisions import Decide, NotPossible, Saved
from shared_schemas.vocabulary import ContactChannel

NO_ADDRESS = Answer(Fate.ELSEWHERE, "no_address", healthy=True)
CIRCUIT_OPEN = Answer(Fate.ELSEWHERE, "circuit_open", healthy=False)
NO_CONTENT = Answer(Fate.AGAIN, "content_unavailable", healthy=True)

LATEST_PART = 0.5
"""A claim is renewed before a try when less than this part of its lease is left."""


class SendDelivery:
    """Makes the try that this process has claimed."""

    def __init__(
        self,
        deliveries: Deliveries,
        responses: Responses,
        book: AddressBook,
        write: WriteNotice,
        channels: dict[ContactChannel, Outbound],
        circuits: Circuits,
        clock: Clock,
        chance: Chance,
        worker: Worker,
    ) -> None:
        self._deliveries, self._responses, self._book = deliveries, responses, book
        self._write, self._channels, self._circuits = write, channels, circuits
        self._clock, self._chance, self._worker = clock, chance, worker

    async def __call__(self, tenant: str, delivery_id: str) -> Delivery | None:
        """Make it; returns the delivery afterwards, or None where there was nothing to do.

        At least once: when this process dies between sending and saving, the try is made again with
        the same id once the claim has run out.
        """
        found = await self._deliveries.get(tenant, delivery_id)
        if found is None or not found.state.claimed_by(self._worker.name):
            return None
        response = await self._responses.get(tenant, found.state.ticket_id)
        request = response.request(delivery_id) if response else None
        if response is None or request is None or not request.stands:
            return await self._change(found.state, withdraw)
        mine = await self._held(replace(found.state, respond_by=request.respond_by))
        if mine is None:
            return None
        made = await self._try(mine, response)
        told = partial(report, made=made, by=self._worker.name, now=self._clock(), chance=self._chance())
        return await self._change(mine, told)

    async def _held(self, delivery: Delivery) -> Delivery | None:
        """Return the delivery with enough of its claim left; None where another process took over."""
        now, lease = self._clock(), self._worker.lease
        if delivery.claim and delivery.claim.until - now > lease * LATEST_PART:
            return delivery
        return await self._change(delivery, partial(renew, by=self._worker.name, now=now, lease=lease))

    async def _try(self, delivery: Delivery, response: Response) -> Try:
        began = self._clock()
        contact = self._book.contact(delivery.tenant, delivery.agency, delivery.contact)
        address = contact.addresses.get(delivery.channel) if contact else None
        answer = await self._ask(delivery, response, address) if address else NO_ADDRESS
        return Try(answer.fate, answer.text, began, self._clock() - began)

    async def _ask(self, delivery: Delivery, response: Response, address: str) -> Answer:
        try:
            notice = await self._write(delivery, response)
        except ContentUnavailable:
            return NO_CONTENT
        endpoint = circuit_of(delivery, address)
        if not self._circuits.permits(endpoint, self._clock()):
            return CIRCUIT_OPEN
        answer = await self._channels[delivery.channel].send(notice, address)
        self._circuits.note(endpoint, healthy=answer.healthy, now=self._clock(), hung=answer.hung)
        if answer.fate is Fate.AGAIN and self._circuits.is_open(endpoint, self._clock()):
            return replace(answer, fate=Fate.ELSEWHERE)
        return answer

    async def _change(self, delivery: Delivery, decide: Decide[Delivery, NotPossible]) -> Delivery | None:
        saved = await self._deliveries.change(delivery.tenant, delivery.delivery_id, decide)
        return saved.state if isinstance(saved, Saved) else None


def circuit_of(delivery: Delivery, address: str) -> str:
    """Return what fails as one: an agency's own endpoint, or the mail server that all mail takes."""
    if delivery.channel is ContactChannel.EMAIL:
        return "smtp"
    return f"{delivery.tenant} {address}"

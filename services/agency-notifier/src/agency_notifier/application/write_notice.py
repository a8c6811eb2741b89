"""Puts one message together: the newest of what is known, opened just before it is sent."""

from agency_notifier.application.notice import Notice
from agency_notifier.application.ports import AddressBook, Contents, ReplyLinks
from agency_notifier.domain.delivery import Delivery
from agency_notifier.domain.response import Response


class WriteNotice:
    """Makes the message of a delivery."""

    def __init__(self, book: AddressBook, contents: Contents, links: ReplyLinks) -> None:
        self._book, self._contents, self._links = book, contents, links

    async def __call__(self, delivery: Delivery, response: Response) -> Notice:
        """Return the message. A supervisor's has no reply links: the supervisor decides at the desk.

        Raises:
            ContentUnavailable: the vault is away.
        """
        brief, tenant = response.brief, delivery.tenant
        opened = await self._contents.open(tenant, brief)
        regency = self._book.regency(tenant)
        contact = self._book.contact(tenant, delivery.agency, delivery.contact)
        name, name_en = self._book.type_name(tenant, brief.incident_type)
        asks = not delivery.calls_supervisor
        return Notice(
            delivery_id=delivery.delivery_id,
            tenant=tenant,
            ticket_id=delivery.ticket_id,
            task_id=delivery.task_id,
            agency=delivery.agency,
            number=brief.number,
            incident_type=brief.incident_type,
            type_name=name,
            type_name_en=name_en,
            priority=brief.priority,
            district=brief.district,
            regency_name=regency.name,
            abbreviation=regency.abbreviation,
            agency_name=contact.agency_name if contact else delivery.agency,
            contact_name=contact.name if contact else delivery.contact,
            zone=regency.zone,
            calls_supervisor=delivery.calls_supervisor,
            open_gaps=response.open_gaps(),
            respond_by=delivery.respond_by,
            place=opened.place,
            latitude=opened.latitude,
            longitude=opened.longitude,
            story=opened.story,
            caller_number=opened.caller_number,
            reply_links=self._links.of(delivery) if asks else {},
            reply_url=self._links.api_of(delivery) if asks else "",
        )

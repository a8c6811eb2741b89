"""The second half of binding a call to a ticket, or of separating them: the ticket follows the desk."""

from functools import partial

from service_kit.decisions import Command
from triage.application.ports import Clock, DeskCalls, Numbers, Tickets
from triage.domain.catalogue import ticket_number
from triage.domain.desk_call import come_due, settle
from triage.domain.following import NothingToFollow, follow
from triage.domain.link import Link


class TicketMissing(LookupError):
    """A call is bound to a ticket that is not there; a person has to look into the store."""


class FollowLink:
    """Lets the ticket follow what a call has decided; done already, it is dull."""

    def __init__(self, calls: DeskCalls, tickets: Tickets, numbers: Numbers) -> None:
        self._calls = calls
        self._tickets = tickets
        self._numbers = numbers

    async def __call__(self, tenant: str, call_id: str) -> None:
        """Bring the ticket to where the call's pending link says it is, then forget the link.

        Raises:
            TicketMissing: the link joins or leaves a ticket that does not exist.
        """
        call = await self._calls.look(tenant, call_id)
        if call is None or call.link is None:
            return
        link = call.link
        followed = await self._tickets.change(
            tenant,
            link.ticket_id,
            partial(
                follow, link=link, tenant=tenant, call_id=call_id, number=await self._number(tenant, link)
            ),
            command=_command("follow", call_id, link),
        )
        if isinstance(followed, NothingToFollow):
            raise TicketMissing(link.ticket_id)
        await self._calls.change(
            tenant, call_id, partial(settle, ordinal=link.ordinal), command=_command("settle", call_id, link)
        )

    async def _number(self, tenant: str, link: Link) -> str:
        """Take a number only for a ticket that is not there yet; gaps are harmless, but look untidy."""
        if link.opening is None or await self._tickets.look(tenant, link.ticket_id) is not None:
            return ""
        stem = link.opening.number_stem
        return ticket_number(stem, await self._numbers.take(tenant, stem))


class MeetDeadline:
    """Lets one call act when its time has come: a late class shows, a cut-off link is followed again."""

    def __init__(self, calls: DeskCalls, follow_link: FollowLink, clock: Clock) -> None:
        self._calls = calls
        self._follow_link = follow_link
        self._clock = clock

    async def __call__(self, tenant: str, call_id: str) -> None:
        """Note the deadline first, so that what fails now is tried again in a while, not at once."""
        await self._calls.change(tenant, call_id, partial(come_due, now=self._clock()))
        await self._follow_link(tenant, call_id)


def _command(step: str, call_id: str, link: Link) -> Command:
    """Return the machine's own command, in the name of the person who decided."""
    return Command(
        key=f"{step}/{call_id}/{link.ordinal}",
        by=link.by,
        at=link.at,
        occurred_at=link.at,
        reason=link.reason,
    )

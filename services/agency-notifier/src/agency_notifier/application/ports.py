"""What the use cases need from the world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from agency_notifier.application.notice import Notice
from agency_notifier.domain.delivery import Delivery, Fate
from agency_notifier.domain.reply import AgencyReply
from agency_notifier.domain.response import Brief, Response
from service_kit.decisions import Command, Conflict, Decide, Heard, KeyReused, Refusal, Saved
from shared_schemas.vocabulary import ContactChannel, ReplyKind

Clock = Callable[[], datetime]
Chance = Callable[[], float]
"""Gives a number from 0 to 1, another one each time."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A delivery with the trace that its story runs in (W3C trace context)."""

    state: Delivery
    traceparent: str


class Responses(Protocol):
    """What was last heard of each ticket's response."""

    async def get(self, tenant: str, ticket_id: str) -> Response | None:
        """Return the newest state heard."""

    async def hear(self, response: Response, heard: Heard) -> Response:
        """Keep this state if it is newer than the kept one; return the newest."""


class Deliveries(Protocol):
    """The deliveries of every tenant."""

    async def get(self, tenant: str, delivery_id: str) -> Traced | None:
        """Return one delivery."""

    async def of_ticket(self, tenant: str, ticket_id: str) -> Sequence[Traced]:
        """Return all deliveries about one ticket."""

    async def change(
        self, tenant: str, delivery_id: str, decide: Decide[Delivery, Refusal]
    ) -> Saved[Delivery] | Conflict[Delivery] | KeyReused | Refusal:
        """Save what is decided with one write; a lost race decides again."""


class Replies(Protocol):
    """What agencies said."""

    async def change(
        self, tenant: str, reply_id: str, decide: Decide[AgencyReply, Refusal], command: Command
    ) -> Saved[AgencyReply] | Conflict[AgencyReply] | KeyReused | Refusal:
        """Save what is decided, once for each command."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How one contact can be reached: an address for each channel, the preferred one first."""

    name: str
    agency_name: str
    addresses: Mapping[ContactChannel, str]


@dataclass(frozen=True, slots=True)
class Regency:
    """What messages say of the tenant."""

    name: str
    abbreviation: str
    zone: ZoneInfo
    configuration_version: int


class AddressBook(Protocol):
    """The tenants' configurations, as far as messages need them."""

    def regency(self, tenant: str) -> Regency:
        """Return the tenant's name and zone; an unknown tenant means *away, try again*."""

    def contact(self, tenant: str, agency: str, contact: str) -> Contact | None:
        """Return a contact of an agency, or of the supervisors; None where it is gone."""

    def type_name(self, tenant: str, code: str) -> tuple[str, str]:
        """Return an incident type's name in Indonesian and English; the code where it has none."""


class ContentUnavailable(Exception):
    """What a message has to say cannot be opened now."""


@dataclass(frozen=True, slots=True)
class Content:
    """Personal data, opened for one message and gone with it; None is absent or erased."""

    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    story: str | None = None
    caller_number: str | None = None


class Contents(Protocol):
    """Opens what a message has to say, with a trace in the audit trail."""

    async def open(self, tenant: str, brief: Brief) -> Content:
        """Open it for the purpose `notify`.

        Raises:
            ContentUnavailable: the vault is away.
        """


class LinkBroken(Exception):
    """A reply link is not ours."""


class LinkExpired(Exception):
    """A reply link was good once."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What a reply link says."""

    tenant: str
    delivery_id: str
    reply: ReplyKind


class ReplyLinks(Protocol):
    """Links that are each good for one reply."""

    def of(self, delivery: Delivery) -> Mapping[ReplyKind, str]:
        """Return a link for each reply."""

    def api_of(self, delivery: Delivery) -> str:
        """Return where a program posts its replies."""

    def read(self, token: str) -> Linked:
        """Return what a token says.

        Raises:
            LinkBroken, LinkExpired: it says nothing (any more).
        """


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from an endpoint.

    Attributes:
        text: a status code or an error's name, never content.
        healthy: whether the endpoint itself worked, whatever it said.
        hung: whether it used up the whole time of the try.
    """

    fate: Fate
    text: str
    healthy: bool
    hung: bool = False


class Outbound(Protocol):
    """One way out."""

    async def send(self, notice: Notice, address: str) -> Answer:
        """Make one try, within the channel's time; trouble is an answer, never an error."""


class Sending(Protocol):
    """Makes tries beside requests and handlers, a bounded number at once."""

    def take(self, delivery: Delivery) -> None:
        """Make the try that was claimed, as soon as its turn comes; taking it twice is dull."""

    def holds(self, delivery_id: str) -> bool:
        """Tell whether a try of this delivery waits for its turn or is under way here."""

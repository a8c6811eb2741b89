"""The words of the domain, spelled once: every value that a contract may carry.

Plain standard library, so that `domain` and `application` rooms may use them.
Sources: the glossary in docs/glossary.md; NENA/EENA terms where the field has one.
"""

from enum import StrEnum


class CallStage(StrEnum):
    """How far a call has come."""

    RINGING = "ringing"
    QUEUED = "queued"
    ANSWERED = "answered"
    ENDED = "ended"


class CallOutcome(StrEnum):
    """How a call ended for the caller; every call has exactly one."""

    ABANDONED_IN_MENU = "abandoned_in_menu"
    ABANDONED_IN_QUEUE = "abandoned_in_queue"
    UNANSWERED = "unanswered"
    ANSWERED = "answered"


class EndedBy(StrEnum):
    """Who or what ended a call."""

    CALLER = "caller"
    AGENT = "agent"
    TRANSFER = "transfer"
    PBX_RESTART = "pbx_restart"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """The way by which a contact reached 112."""

    PHONE = "phone"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    APP = "app"
    RADIO = "radio"
    WALK_IN = "walk_in"
    PARTNER = "partner"


class Classification(StrEnum):
    """What an answered call was; every answered call gets exactly one."""

    EMERGENCY = "emergency"
    NON_EMERGENCY = "non_emergency"
    INFORMATION = "information"
    PRANK = "prank"
    GHOST = "ghost"
    WRONG_NUMBER = "wrong_number"
    TEST = "test"

    @property
    def needs_help(self) -> bool:
        """Whether a call of this class may belong to a ticket."""
        return self in (Classification.EMERGENCY, Classification.NON_EMERGENCY)


class Priority(StrEnum):
    """How urgent a ticket is, from life at risk now (P1) to no emergency (P4)."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Lane(StrEnum):
    """Emergency tickets and the rest are worked and counted apart (mission, consequence 5)."""

    EMERGENCY = "emergency"
    NON_EMERGENCY = "non_emergency"


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Disposition(StrEnum):
    """How a ticket ended."""

    HELPED = "helped"
    PARTLY_HELPED = "partly_helped"
    NOT_HELPED = "not_helped"
    NO_AGENCY_NEEDED = "no_agency_needed"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"


class TaskStatus(StrEnum):
    """Where one agency's part in a ticket stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen to a task in this state."""
        return self in (
            TaskStatus.DONE,
            TaskStatus.DECLINED,
            TaskStatus.UNANSWERED,
            TaskStatus.CANCELLED,
        )


class ReplyKind(StrEnum):
    """What an agency can say about its task."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"


class ResponseStatus(StrEnum):
    """Where the agencies' response to one ticket stands."""

    ACTIVE = "active"
    NEEDS_SUPERVISOR = "needs_supervisor"
    ENDED = "ended"


class GapStatus(StrEnum):
    """What became of a place in the response that an agency left empty."""

    OPEN = "open"
    FILLED = "filled"
    ACCEPTED = "accepted"


class DeliveryStatus(StrEnum):
    """Where one message to one contact stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class ContactChannel(StrEnum):
    """The ways by which an agency can be reached."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class AnswerProfile(StrEnum):
    """A named set of answering thresholds (docs/glossary.md gives the sources)."""

    NENA_2020 = "nena_2020"
    NFPA_1225_2022 = "nfpa_1225_2022"
    OWN = "own"


COMMON_INCIDENT_TYPES: frozenset[str] = frozenset(
    """
    ambulance_transfer animal_crocodile animal_other animal_snake animal_wasp blood_request
    boat_in_distress building_collapse deceased_transfer domestic_violence downed_power_line
    drowning earthquake fallen_tree flood gas_leak illegal_parking information land_fire landslide
    maternity medical mental_health_crisis missing_person noise other power_outage prank riot
    road_damage street_light structure_fire suicide_threat theft traffic_accident violence waste
    water_supply whirlwind
    """.split(),
)
"""The common list that every tenant's own incident types are mapped to."""

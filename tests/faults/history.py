"""What went in and was acknowledged, what was done to the system, and every effect seen outside. Plain data.

All moments are seconds since 1970 by this machine's clock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from bench.agencies import Replied
from bench.exchange import PutOff
from bench.takers import Classified, Escalated
from tests.faults.noted import POISON

Json = Mapping[str, Any]
KILL, PAUSE, WIPE = "kill", "pause", "wipe"
KILLING = frozenset({KILL, WIPE})
"""A program whose disk was lost does not live on."""
RESTART, REPLICA = "restart", "replica"
"""A program was asked to end and was started again; a second process of it came and went."""
FULL, NO_FSYNC = "full disk", "failing fsync"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a call that intake acknowledged (202)."""

    tenant: str
    call_id: str
    event: str
    intended_at: float
    acknowledged_at: float


@dataclass(frozen=True, slots=True)
class Request:
    """One message as an agency received it: `message_id` is its `webhook-id` or `Message-ID`.

    Attributes:
        delivery_id: as its body names it; a mail's body names none, so there it is the message's.
    """

    at: float
    channel: str
    message_id: str
    delivery_id: str
    tenant: str
    agency: str
    contact: str
    ticket_id: str = ""
    task_id: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One record of the log; `at` is when it was written."""

    topic: str
    place: str
    tenant: str
    source: str
    subject: str
    sequence: int
    body: Json
    at: float = 0.0

    @property
    def about(self) -> tuple[str, str]:
        """The aggregate."""
        return (self.source, self.subject)


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter of a service: the record that it holds, and why."""

    service: str
    topic: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done to one program: killed at a moment, paused for a while, or its disk lost.

    Attributes:
        at_rest: nobody called then, so that nobody waited.
    """

    program: str
    kind: str
    began: float
    ended: float
    at_rest: bool = False

    def touches(self, begin: float, end: float) -> bool:
        """Whether it fell into a stretch of time."""
        return self.began <= end and self.ended >= begin


@dataclass(frozen=True, slots=True)
class Death:
    """One end of a program that its supervisor saw."""

    program: str
    exit: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was acknowledged; `refused` says in a sentence what never was.

    Attributes:
        logged: what an exchange wrote into its own log: nobody acknowledges it, and it may not be lost.
        put_off: each time that an exchange had to try again.
    """

    told: tuple[Told, ...] = ()
    logged: tuple[Told, ...] = ()
    classified: tuple[Classified, ...] = ()
    escalated: tuple[Escalated, ...] = ()
    replied: tuple[Replied, ...] = ()
    refused: tuple[str, ...] = ()
    put_off: tuple[PutOff, ...] = ()

    @property
    def heard(self) -> tuple[Told, ...]:
        """Everything about calls that intake must have."""
        return (*self.told, *self.logged)


class Figure(NamedTuple):
    """One figure as a recap shows it; None where it has no such side."""

    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    sample: int | None = None
    required: float | None = None


Figures = Mapping[tuple[str, str, str], Figure]
"""One tenant's, by month, indicator and part."""


@dataclass(frozen=True, slots=True)
class States:
    """What the services tell at their doors afterwards, one JSON object an aggregate, each with its tenant.

    Attributes:
        figures: each tenant's, everything that its recaps show.
        wrong_sums: each sum check of a recap that does not hold, in a sentence.
        unfinished: in sentences, what was still under way when nobody waited any longer.
    """

    calls: tuple[Json, ...] = ()
    desk_calls: tuple[Json, ...] = ()
    tickets: tuple[Json, ...] = ()
    responses: tuple[Json, ...] = ()
    deliveries: tuple[Json, ...] = ()
    figures: Mapping[str, Figures] = field(default_factory=dict)
    wrong_sums: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()

    def tasks(self) -> Iterator[tuple[Json, Json]]:
        """Every agency task with its response."""
        return ((response, task) for response in self.responses for task in response["tasks"])


@dataclass(frozen=True, slots=True)
class History:
    """One run, from all sides.

    Attributes:
        log: every event of every topic, a partition's in its order.
        buried: every dead letter.
        may_end: the programs whose own end belongs to what was done to them.
        normal_again_within: seconds from the last fault until nothing may be late any more.
        noted: what a promise's own acts saw, for its own checks.
        heard: how many commands, producers and consumers were listened to.
        weak: in sentences, every weak guarantee that one of them or a topic used (promise 6).
    """

    inputs: Inputs = Inputs()
    requests: tuple[Request, ...] = ()
    log: tuple[Said, ...] = ()
    buried: tuple[Letter, ...] = ()
    states: States = States()
    faults: tuple[Fault, ...] = ()
    deaths: tuple[Death, ...] = ()
    may_end: frozenset[str] = frozenset()
    normal_again_within: float = 15.0
    noted: Json = field(default_factory=dict)
    heard: str = ""
    weak: tuple[str, ...] = ()

    @property
    def last_fault_ended(self) -> float | None:
        """When the system was left alone again under load; None where nothing was done to it then."""
        return max((fault.ended for fault in self.faults if not fault.at_rest), default=None)

    @property
    def poisoned(self) -> frozenset[tuple[str, str]]:
        """The topic and place of each record that was broken on purpose."""
        return frozenset((one["topic"], one["place"]) for one in self.noted.get(POISON, ()))

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON takes it, for a person who looks for a cause."""
        plain = asdict(self) | {"may_end": sorted(self.may_end)}
        plain["states"]["figures"] = {
            tenant: {"/".join(name): value for name, value in figures.items()}
            for tenant, figures in self.states.figures.items()
        }
        return plain

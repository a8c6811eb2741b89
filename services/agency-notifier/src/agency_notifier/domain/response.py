"""What was last heard of the response to one ticket, and whom that asks us to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared_schemas.identifiers import derived_id
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import TaskStatus

SUPERVISOR = "supervisor"
"""Stands in the agency's place where a supervisor is called."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One time that one contact of an agency, or of the supervisors, is asked."""

    step: int
    contact: str
    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """One agency's part in the ticket; `stands_in_for` is the task whose empty place this one fills."""

    task_id: str
    agency: str
    status: str
    offers: tuple[Offer, ...] = ()
    gap_is_open: bool = False
    stands_in_for: str | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What an agency needs to know; personal data stay sealed until a message is made."""

    number: str
    incident_type: str
    priority: str
    district: str = ""
    place: Sealed | None = None
    point: Sealed | None = None
    story: Sealed | None = None
    caller: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One message that somebody should get.

    Attributes:
        delivery_id: follows from what is asked, so the same request is never two deliveries.
        task_id: the task; for a supervisor, who is called for the whole ticket, the ticket's id.
        stands: whether the message is still wanted.
    """

    delivery_id: str
    task_id: str
    step: int
    agency: str
    contact: str
    at: datetime
    respond_by: datetime
    stands: bool


@dataclass(frozen=True, slots=True)
class Response:
    """The newest state of all agency tasks of one ticket, and of the calls to its supervisors."""

    tenant: str
    ticket_id: str
    brief: Brief
    tasks: tuple[Task, ...] = ()
    needs_supervisor: bool = False
    supervisor_calls: tuple[Offer, ...] = ()

    def requests(self) -> list[Request]:
        """Return every message that this state asks for, or asked for and no longer does."""
        tasks = [
            self._asked(
                task.task_id, task.agency, task.offers, offer, asking=task.status == TaskStatus.OFFERED
            )
            for task in self.tasks
            for offer in task.offers
        ]
        calls = self.supervisor_calls
        supervisors = [
            self._asked(self.ticket_id, SUPERVISOR, calls, call, asking=self.needs_supervisor)
            for call in calls
        ]
        return [*tasks, *supervisors]

    def request(self, delivery_id: str) -> Request | None:
        """Return the request that a delivery answers."""
        return next((one for one in self.requests() if one.delivery_id == delivery_id), None)

    def closed(self, task_id: str) -> TaskStatus | None:
        """Return how a task ended that is its agency's no more; None where it is, or is not known.

        As dispatch judges: a late yes to a task that went unanswered is help while its place is empty.
        """
        task = self._task(task_id)
        ended = next((one for one in TaskStatus if task and one == task.status and one.is_final), None)
        if task is None or ended is not TaskStatus.UNANSWERED:
            return ended
        place = self._task(task.stands_in_for or task_id) or task
        return None if place.gap_is_open else ended

    def open_gaps(self) -> tuple[str, ...]:
        """Return the agencies whose place in the response is empty."""
        return tuple(task.agency for task in self.tasks if task.gap_is_open)

    def _task(self, task_id: str) -> Task | None:
        return next((one for one in self.tasks if one.task_id == task_id), None)

    def _asked(
        self, task_id: str, agency: str, offers: Sequence[Offer], offer: Offer, *, asking: bool
    ) -> Request:
        return Request(
            delivery_id=derived_id(self.tenant, "delivery", task_id, str(offer.step)),
            task_id=task_id,
            step=offer.step,
            agency=agency,
            contact=offer.contact,
            at=offer.at,
            respond_by=offer.due_at,
            stands=asking and not _superseded(offer, offers),
        )


def _superseded(offer: Offer, offers: Sequence[Offer]) -> bool:
    """Tell whether somebody else was asked once this offer's time was over.

    Judged by dispatch's own times alone. A contact whose time is not over stays asked when a person
    asks another one beside it.
    """
    return any(later.step > offer.step and later.at >= offer.due_at for later in offers)

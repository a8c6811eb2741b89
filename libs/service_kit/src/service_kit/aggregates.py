"""What one kind of aggregate is, as its service describes it to the store, and as the store gives it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel
from pymongo import IndexModel

from service_kit.documents import Collection, Document
from service_kit.memory import Step, read_step
from service_kit.outgoing import Outgoing

State = TypeVar("State")


class Ships(Protocol):
    """Takes events that were just saved, and sends them at once."""

    def ship(self, collection: Collection, document_id: str, events: Sequence[Outgoing]) -> None:
        """Send these events soon; what fails is found again by the sweeper."""

    def has_sent(self, collection: Collection, document_id: str, entry_id: str) -> bool:
        """Whether the broker is known to have an outbox's entry: the next save need not keep it."""


@dataclass(frozen=True, slots=True)
class Other(Generic[State]):
    """A second kind of event that one aggregate tells, such as `ticket.closed` beside its state.

    Attributes:
        kind: begins its subject, so that it is never taken for the aggregate's own state.
        body: gives its data, or None where the state implies no such event.
    """

    kind: str
    body: Callable[[State, datetime], BaseModel | None]


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[State]):
    """How one kind of aggregate is kept and told.

    Attributes:
        collection: the collection's name.
        state_type: the frozen dataclass of the domain.
        source: the service that owns it.
        kind: begins the subject, as in `ticket/<id>`.
        key: gives the call's or ticket's id that orders its events.
        body: gives the event's data from the state and the time of the save.
        due_at: the next deadline, or None.
        fields: what queries need beside the state, kept at the top of the document.
        indexes: indexes for those fields.
        others: by topic, the events of another model that a save may tell too (`Changed.also`).
        finished: whether nothing more will happen (announcing unfinished ones skips it).
    """

    collection: str
    state_type: type[State]
    source: str
    kind: str
    key: Callable[[State], str]
    body: Callable[[State, datetime], BaseModel]
    due_at: Callable[[State], datetime | None] = lambda _: None
    fields: Callable[[State], Mapping[str, Any]] = lambda _: {}
    indexes: tuple[IndexModel, ...] = ()
    others: Mapping[str, Other[State]] = field(default_factory=dict)
    finished: Callable[[State], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Kept(Generic[State]):
    """An aggregate as it is in the store."""

    id: str
    tenant: str
    version: int
    state: State
    raw: Document = field(repr=False)

    @property
    def traceparent(self) -> str:
        """The W3C trace context of the last change that had one, to carry the story on."""
        return str(self.raw.get("traceparent", ""))

    @property
    def timeline(self) -> tuple[Step, ...]:
        """Who or what changed the aggregate, when and why; read when somebody asks, which no change does."""
        return tuple(read_step(line) for line in self.raw.get("timeline", ()))


@dataclass(frozen=True, slots=True)
class Due:
    """An aggregate whose deadline has come."""

    tenant: str
    id: str
    traceparent: str

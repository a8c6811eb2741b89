"""What people send to the desk: bounded, and nothing that we would not read."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from service_kit.http import Body
from shared_schemas.vocabulary import Classification, Disposition, Priority
from triage.application.link_call import Wish
from triage.application.sealing import Spoken
from triage.application.work_ticket import Correction

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
NeededWhy = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
District = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class PointIn(Body):
    """A place on the map, with how far off it may be."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    radius_m: Annotated[float | None, Field(ge=0, le=1_000_000)] = None


class ClassificationIn(Body):
    """What a call was; a change needs a reason."""

    classification: Classification
    reason: Why = ""


class _About(Body):
    """What can be said of a ticket when it is opened and later."""

    priority: Priority | None = None
    place: Text | None = None
    point: PointIn | None = None
    story: Text | None = None

    @property
    def spoken(self) -> Spoken:
        """The parts that are personal data."""
        point = None if self.point is None else self.point.model_dump_json()
        return Spoken(self.story, self.place, point)


class TicketIn(_About):
    """A new ticket from a call."""

    call_id: Id
    incident_type: Code
    district: District = ""

    def wish(self) -> Wish:
        """Return what the use case takes."""
        return Wish(
            incident_type=self.incident_type,
            priority=self.priority,
            district=self.district,
            spoken=self.spoken,
        )


class TicketPatch(_About):
    """Corrections; what is absent or null stays as it is."""

    incident_type: Code | None = None
    district: District | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(value is None for value in self.model_dump().values()):
            message = "say at least one thing to change"
            raise ValueError(message)
        return self

    def correction(self) -> Correction:
        """Return what the use case takes."""
        return Correction(
            incident_type=self.incident_type,
            priority=self.priority,
            district=self.district,
            spoken=self.spoken,
        )


class JoinIn(Body):
    """The known ticket that a call belongs to."""

    ticket_id: Id


class ReasonIn(Body):
    """A step that needs a reason."""

    reason: NeededWhy


class EscalationIn(Body):
    """Agencies by their code; none means those that the catalogue gives for the ticket's type."""

    agencies: Annotated[tuple[Code, ...], Field(max_length=100)] = ()
    reason: Why = ""


class ClosingIn(Body):
    """How a ticket that needs no agency ended."""

    disposition: Disposition
    reason: NeededWhy

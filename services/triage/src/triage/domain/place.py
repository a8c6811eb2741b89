"""Where a ticket's trouble is: the district in the clear, the exact place sealed."""

from dataclasses import dataclass

from shared_schemas.sealed import Sealed


@dataclass(frozen=True, slots=True)
class Place:
    """A place as a person described or marked it."""

    district: str = ""
    description: Sealed | None = None
    point: Sealed | None = None


NOWHERE = Place()
"""Nobody has said where yet."""

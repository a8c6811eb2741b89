"""Why sealed personal data may be opened. Plain standard library, for any room of a service."""

from enum import StrEnum


class Purpose(StrEnum):
    """The reason that every opening names and the audit trail keeps (UU 27/2022: purpose limitation)."""

    DISPLAY = "display"  # a person with the right is looking at it
    NOTIFY = "notify"  # an agency is told whom to help and where
    LOCATE = "locate"  # a place is worked out from what the caller said or sent

"""How a told fact is written while it waits in the spool: JSON, sealed as a whole by the spool."""

from pydantic import TypeAdapter, ValidationError

from intake.domain.facts import Told

_TOLD = TypeAdapter(Told)


class SpooledUnreadable(ValueError):
    """A row of the spool is not a told fact as this version writes it."""


def write_told(told: Told) -> bytes:
    """Write a told fact, the caller in the clear: only ever to be sealed."""
    return _TOLD.dump_json(told, exclude_none=True)


def read_told(raw: bytes) -> Told:
    """Read what `write_told` wrote, now or in an older or newer version.

    Raises:
        SpooledUnreadable: it cannot be understood.
    """
    try:
        return _TOLD.validate_json(raw)
    except ValidationError as error:
        raise SpooledUnreadable(f"{error.error_count()} faults in a row of the spool") from None

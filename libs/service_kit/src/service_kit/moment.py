"""A time that somebody else's clock tells, within what can be counted with and shown."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""A clock that was never set says 1970 and is believed; what lies outside can be neither counted with nor shown."""


def _possible(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("is not a time between the years 1900 and 2200")
    return moment


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


ToldMoment = Annotated[AwareDatetime, AfterValidator(_possible)]
"""As it was told, with its offset."""

Moment = Annotated[ToldMoment, AfterValidator(_in_utc)]
"""Any offset, kept as UTC."""

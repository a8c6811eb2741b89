"""The settings of intake."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, field_validator

from intake.application.current_calls import LONGEST_SILENCE
from service_kit.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """What intake needs to know beside what every service needs."""

    queue_logs: str = Field(
        default="", description="Queue logs to follow: `exchange=/path/to/queue_log`, several with commas."
    )
    queue_log_poll_seconds: float = Field(
        default=0.2, gt=0, le=60, description="How often a queue log is looked at."
    )
    lost_sight_seconds: float = Field(
        default=LONGEST_SILENCE.total_seconds(),
        gt=0,
        le=7 * 86_400,
        description="A call of which nothing is heard for this long has ended unseen.",
    )
    unknown_queue_seconds: float = Field(
        default=10,
        ge=0,
        le=600,
        description="How long a queue that no tenant names holds its log's place, once: its tenant may be coming.",
    )
    spool_most_bytes: int | None = Field(
        default=None,
        ge=1_000_000,
        description="The spool file never grows beyond this; no bound if not given.",
    )

    @field_validator("queue_logs")
    @classmethod
    def _is_readable(cls, value: str) -> str:
        followed(value)
        return value

    @property
    def silence(self) -> timedelta:
        """How long nothing may be heard of a call before it has ended unseen."""
        return timedelta(seconds=self.lost_sight_seconds)

    @property
    def spool(self) -> Path:
        """The spool's file."""
        return self.data_dir / "spool.sqlite"

    @property
    def followed(self) -> dict[str, Path]:
        """The queue logs to follow, by exchange."""
        return followed(self.queue_logs)


def followed(written: str) -> dict[str, Path]:
    """Read `exchange=/path,…`.

    Raises:
        ValueError: an entry is not of that form.
    """
    found: dict[str, Path] = {}
    for entry in filter(None, (part.strip() for part in written.split(","))):
        exchange, _, path = entry.partition("=")
        if not exchange or not path:
            message = f"{entry!r} is not of the form exchange=/path/to/queue_log"
            raise ValueError(message)
        found[exchange.strip()] = Path(path.strip())
    return found

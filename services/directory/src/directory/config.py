"""The directory's settings."""

from pydantic import Field

from service_kit.settings import ServiceSettings


class DirectorySettings(ServiceSettings):
    """What the directory needs to know beside what every service needs."""

    slots_per_tenant: int = Field(
        default=2, ge=1, le=64, description="Partitions given to a new tenant at its first apply."
    )
    passwords_at_once: int = Field(
        default=2, ge=1, le=64, description="Passwords judged at the same time; each takes 19 MiB and a core."
    )

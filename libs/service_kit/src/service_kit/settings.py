"""Settings from the environment: every field described, every error told at once."""

from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

Settings = TypeVar("Settings", bound="ServiceSettings")


class SettingsRefused(ValueError):
    """The environment does not make valid settings; the text names every variable at fault."""


class ServiceSettings(BaseSettings):
    """What every service needs to know; a service adds its own fields."""

    model_config = SettingsConfigDict(env_prefix="SIAGA_", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address that the HTTP server listens on.")
    port: int = Field(default=0, ge=0, le=65_535, description="HTTP port; 0 takes a free one.")
    kafka_bootstrap: str = Field(
        validation_alias="KAFKA_BOOTSTRAP", description="Kafka brokers, `host:port,…`."
    )
    mongo_url: str = Field(
        validation_alias="MONGO_URL", description="The store; each service uses its own database."
    )
    vault_url: str | None = Field(
        default=None, description="The store of the vault's keys; the same store if not given."
    )
    secrets_dir: Path = Field(description="Directory of secret files, readable by the owner only.")
    data_dir: Path = Field(description="Directory for what this service keeps on its own disk.")
    token_keys: Path = Field(description="File with the public keys of the directory (JWKS).")
    token_issuer: str = Field(default="siaga112", description="`iss` of accepted tokens.")
    token_audience: str = Field(default="siaga112", description="`aud` of accepted tokens.")
    database_prefix: str = Field(default="siaga_", description="Begins every database's name.")
    group_prefix: str = Field(default="", description="Begins every consumer group's name.")
    replica: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        description="Names this process among its service's, the same after each restart and no other's: "
        "its place in the consumer group is kept while it restarts.",
    )
    broker_replicas: int = Field(default=1, ge=1, description="Replication factor of new topics.")
    broker_partitions: int = Field(
        default=6, ge=1, le=4096, description="Partitions a topic: 6 for a regency, 48 for a province."
    )
    linger_ms: int = Field(default=3, ge=0, le=1000, description="How long events wait to be sent together.")
    trace_file: Path | None = Field(default=None, description="Write finished spans here as JSON lines.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")


def read_settings(kind: type[Settings]) -> Settings:
    """Read settings from the environment.

    Raises:
        SettingsRefused: with one line for each variable that is missing or wrong.
    """
    try:
        return kind()
    except ValidationError as error:
        lines = [f"{variable_of(kind, one['loc'])}: {one['msg']}" for one in error.errors()]
        raise SettingsRefused("\n".join(lines)) from error


def variable_of(kind: type[ServiceSettings], location: tuple[int | str, ...]) -> str:
    """Return the environment variable that sets a field."""
    name = str(location[0]) if location else ""
    field = kind.model_fields.get(name)
    if field is None:
        return name
    if isinstance(field.validation_alias, str):
        return field.validation_alias
    return f"{kind.model_config.get('env_prefix', '')}{name}".upper()

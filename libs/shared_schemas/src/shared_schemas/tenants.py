"""A tenant's configuration: one model for tenants/*.yaml, its JSON Schema and tenant.configured."""

from collections import Counter
from datetime import timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from shared_schemas.tenant_forms import ABBREVIATION, KEY, TENANT_CODE
from shared_schemas.tolerant import Tolerant
from shared_schemas.vocabulary import (
    COMMON_INCIDENT_TYPES,
    AnswerProfile,
    ContactChannel,
    Lane,
    Priority,
)

TenantCode = Annotated[str, Field(pattern=TENANT_CODE.pattern, description="Kemendagri code of the regency.")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Key = Annotated[str, Field(pattern=KEY.pattern, description="A short name used in keys.")]
WaitSeconds = Annotated[float, Field(gt=0, le=7 * 86_400, allow_inf_nan=False)]


class Configured(Tolerant):
    """A part of a tenant's file: unknown keys are refused in files (`tenant_files`), kept in events."""


class Words(Configured):
    """A text for people, Indonesian first."""

    id: Name
    en: Name


class Trunk(Configured):
    """One way by which calls arrive: a telephone exchange, or some of its queues."""

    id: Key
    exchange: Key = Field(description="The telephone exchange; several tenants may share one.")
    queues: tuple[Name, ...] = Field(
        default=(), description="Its queues that belong to this tenant; none: all that no tenant names."
    )


class Contact(Configured):
    """One person or system of an agency that can be asked; the order is the ladder."""

    id: Key
    name: Name
    channel: ContactChannel
    url: str | None = Field(default=None, max_length=500, description="Where webhooks go.")
    email: str | None = Field(default=None, max_length=254, description="Where e-mail goes.")

    @model_validator(mode="after")
    def _has_its_address(self) -> Self:
        needed = {ContactChannel.WEBHOOK: ("url", self.url), ContactChannel.EMAIL: ("email", self.email)}
        name, value = needed[self.channel]
        if not value:
            message = f"a contact with channel {self.channel} needs {name}"
            raise ValueError(message)
        return self

    @property
    def channels(self) -> tuple[ContactChannel, ...]:
        """The channels to try, the preferred one first."""
        every = {ContactChannel.WEBHOOK: self.url, ContactChannel.EMAIL: self.email}
        other = [channel for channel, address in every.items() if address and channel != self.channel]
        return (self.channel, *other)


class Agency(Configured):
    """Who can be tasked."""

    id: Key
    name: Name
    contacts: tuple[Contact, ...] = Field(min_length=1, description="The ladder, first asked first.")
    substitutes: tuple[Key, ...] = Field(
        default=(), description="Agencies asked next when every contact stays silent or declines."
    )


class IncidentType(Configured):
    """A kind of trouble: its default priority and the agencies it needs."""

    code: Key
    name: Words
    common: Annotated[str, Field(max_length=64, description="The common list's word for it.")]
    priority: Priority
    lane: Lane = Lane.EMERGENCY
    agencies: tuple[Key, ...] = ()

    @field_validator("common")
    @classmethod
    def _is_common(cls, value: str) -> str:
        if value not in COMMON_INCIDENT_TYPES:
            message = f"{value!r} is not in the common list of incident types"
            raise ValueError(message)
        return value


class ByPriority(Configured):
    """A number of seconds for each priority."""

    P1: WaitSeconds
    P2: WaitSeconds
    P3: WaitSeconds
    P4: WaitSeconds

    def of(self, priority: Priority) -> timedelta:
        """Return the time that a ticket of this priority has."""
        seconds = {Priority.P1: self.P1, Priority.P2: self.P2, Priority.P3: self.P3, Priority.P4: self.P4}
        return timedelta(seconds=seconds[priority])


class Clocks(Configured):
    """How long the tenant waits before somebody is asked next."""

    acceptance_seconds: ByPriority = Field(description="From an offer until the next contact is asked.")
    arrival_seconds: ByPriority = Field(description="From acceptance until arrival is overdue.")
    completion_seconds: ByPriority = Field(description="From arrival until the task is overdue.")
    classification_seconds: WaitSeconds = Field(
        default=120, description="From the end of an answered call until it is overdue for a class."
    )


class Threshold(Configured):
    """A share of calls that must be answered within a time."""

    within_seconds: WaitSeconds
    share: Annotated[float, Field(gt=0, le=1)]


class Supervisor(Configured):
    """Who is called when no agency takes a task."""

    contacts: tuple[Contact, ...] = Field(min_length=1)


class TenantConfiguration(Configured):
    """All that makes one regency's 112: its agencies, words, clocks and trunks."""

    schema_version: Literal[1] = 1
    code: TenantCode
    name: Name
    abbreviation: Annotated[str, Field(pattern=ABBREVIATION.pattern, description="Begins ticket numbers.")]
    time_zone: str = Field(
        max_length=64, description="IANA name: Asia/Jakarta, Asia/Makassar or Asia/Jayapura."
    )
    profile: AnswerProfile = AnswerProfile.NENA_2020
    own_thresholds: tuple[Threshold, ...] = Field(default=(), description="For the profile `own`.")
    trunks: tuple[Trunk, ...] = ()
    agencies: tuple[Agency, ...] = Field(min_length=1)
    incident_types: tuple[IncidentType, ...] = Field(min_length=1)
    clocks: Clocks
    supervisor: Supervisor

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder, such as Asia
            message = f"{value!r} is not a time zone of the IANA list"
            raise ValueError(message) from error
        return value

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        agencies = {agency.id for agency in self.agencies}
        wrong = [
            f"incident type {kind.code} names the unknown agency {name}"
            for kind in self.incident_types
            for name in kind.agencies
            if name not in agencies
        ]
        wrong += [
            f"agency {agency.id} names the unknown substitute {name}"
            for agency in self.agencies
            for name in agency.substitutes
            if name not in agencies or name == agency.id
        ]
        wrong += _repeated("trunk", [trunk.id for trunk in self.trunks])
        wrong += _repeated("agency", [agency.id for agency in self.agencies])
        wrong += _repeated("incident type", [kind.code for kind in self.incident_types])
        for agency in self.agencies:
            wrong += _repeated(f"contact of {agency.id}", [one.id for one in agency.contacts])
        if self.profile is AnswerProfile.OWN and not self.own_thresholds:
            wrong.append("profile own needs own_thresholds")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return ZoneInfo(self.time_zone)

    def agency(self, key: str) -> Agency | None:
        """Return the agency of that key, if the tenant has it."""
        return next((agency for agency in self.agencies if agency.id == key), None)

    def incident_type(self, code: str) -> IncidentType | None:
        """Return the incident type of that code, if the tenant has it."""
        return next((kind for kind in self.incident_types if kind.code == code), None)


def _repeated(what: str, names: list[str]) -> list[str]:
    return [f"{what} {name} is there twice" for name, times in sorted(Counter(names).items()) if times > 1]

"""The tenants as a terminal needs them: found by code or by a ticket's number, with their clock and words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from siaga_cli.client.refusals import BadInput, NotUnderstood, Refused
from siaga_cli.client.services import Services
from siaga_cli.wording import language, text

_CODE = re.compile(r"[0-9]{2}\.[0-9]{2}")
_NUMBER = re.compile(r"([A-Z]{2,6})-[0-9]{8}-[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One regency."""

    code: str
    name: str
    abbreviation: str
    configuration: Mapping[str, Any]

    @property
    def zone(self) -> tzinfo:
        """The zone whose clock hangs on the centre's wall."""
        try:
            return ZoneInfo(str(self.configuration.get("time_zone", "")))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return UTC

    def incident_type(self, code: str) -> str:
        """Return the tenant's own name for an incident type, in the person's language."""
        for kind in self._named("incident_types"):
            if kind.get("code") == code and isinstance(kind.get("name"), Mapping):
                return str(kind["name"].get(language(), code))
        return code

    def common_type(self, common: str) -> str:
        """Return the tenant's own name for a word of the common list."""
        of_that = (
            str(one.get("code")) for one in self._named("incident_types") if one.get("common") == common
        )
        return self.incident_type(next(of_that, common))

    def agency(self, key: str) -> str:
        """Return an agency's name."""
        found = (one for one in self._named("agencies") if one.get("id") == key)
        return str(next(found, {}).get("name", key))

    def _named(self, part: str) -> list[Mapping[str, Any]]:
        return [one for one in self.configuration.get(part) or () if isinstance(one, Mapping)]


def tenant_code(value: str) -> str:
    """Return a tenant's code as it was typed, or refuse it before anybody is asked. Raises BadInput."""
    if not _CODE.fullmatch(value):
        raise BadInput(text("“{code}” is not a tenant's code; it is written like 53.03.", code=value[:60]))
    return value


def ticket_number(value: str) -> tuple[str, str]:
    """Return a ticket's number, written properly, and the abbreviation it begins with. Raises BadInput."""
    number = value.strip().upper()
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise BadInput(
            text(
                "“{number}” is not a ticket's number; it is written like TTU-20261122-0017.",
                number=value[:60],
            )
        )
    return number, found[1]


class TenantBook:
    """The tenants that this account may read; each is asked for once."""

    def __init__(self, services: Services) -> None:
        """Ask these services."""
        self._services = services
        self._known: dict[str, Tenant] = {}

    @cached_property
    def lines(self) -> list[Mapping[str, Any]]:
        """All tenants in short."""
        return list(self._services.items("directory", "/v1/tenants"))

    def codes(self, chosen: str | None) -> list[str]:
        """Return the chosen tenant's code, or those of all. Raises BadInput."""
        if chosen is not None:
            return [tenant_code(chosen)]
        return sorted(_text(line, "tenant") for line in self.lines)

    def of(self, code: str) -> Tenant:
        """Return one tenant. Raises BadInput where there is none of that code."""
        if code not in self._known:
            self._known[code] = self._read(tenant_code(code))
        return self._known[code]

    def of_abbreviation(self, abbreviation: str) -> Tenant:
        """Return the tenant whose tickets begin so. Raises BadInput."""
        for line in self.lines:
            if line.get("abbreviation") == abbreviation:
                return self.of(_text(line, "tenant"))
        known = ", ".join(sorted(str(line.get("abbreviation", "?")) for line in self.lines))
        raise BadInput(
            text(
                "No tenant's tickets begin with {wrong}. Known: {known}.",
                wrong=abbreviation,
                known=known or "-",
            )
        )

    def _read(self, code: str) -> Tenant:
        try:
            answer = self._services.find("directory", f"/v1/tenants/{code}")
        except Refused as refused:
            if refused.kind != "forbidden":
                raise
            answer = None
        if answer is None:
            raise BadInput(text("There is no tenant {code} here; see: siaga tenant list", code=code))
        configuration = answer.get("configuration")
        if not isinstance(configuration, Mapping):
            raise NotUnderstood("directory")
        return Tenant(code, _text(answer, "name"), _text(answer, "abbreviation"), configuration)


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise NotUnderstood("directory")
    return value

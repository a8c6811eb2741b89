"""Opens what a message has to say, just before it is sent; the vault writes down that it did."""

import json
from collections.abc import Sequence
from typing import Protocol

from agency_notifier.application.ports import Content, Contents, ContentUnavailable
from agency_notifier.domain.response import Brief
from service_kit.telemetry import logger
from service_kit.transient import is_transient
from service_kit.vault import OperatorKeyUnknown, Purpose, Unopened
from shared_schemas.sealed import Sealed, SealedField

LOG = logger(__name__)
BY = "agency-notifier"


class Opens(Protocol):
    """The vault, as far as it is needed here."""

    async def open_many(
        self, tenant: str, items: Sequence[tuple[str, Sealed]], *, purpose: Purpose, by: str
    ) -> list[str | Unopened]:
        """Return the values of (field, sealed) pairs, in their order."""


class VaultContents(Contents):
    """Opens the sealed parts of a brief."""

    def __init__(self, vault: Opens) -> None:
        """Use the service's vault."""
        self._vault = vault

    async def open(self, tenant: str, brief: Brief) -> Content:
        """Open everything that is sealed; what was erased is missing, and the message goes all the same.

        Raises:
            ContentUnavailable: the vault is away, or its operator key is not there.
        """
        opened = await self._open(tenant, brief)
        point, caller = _members(opened.get(SealedField.POINT)), _members(opened.get(SealedField.CALLER))
        number = caller.get("number")
        return Content(
            place=opened.get(SealedField.PLACE),
            latitude=_degrees(point.get("latitude")),
            longitude=_degrees(point.get("longitude")),
            story=opened.get(SealedField.STORY),
            caller_number=number if isinstance(number, str) and number else None,
        )

    async def _open(self, tenant: str, brief: Brief) -> dict[str, str]:
        parts = {
            SealedField.PLACE: brief.place,
            SealedField.POINT: brief.point,
            SealedField.STORY: brief.story,
            SealedField.CALLER: brief.caller,
        }
        items = [(field.value, sealed) for field, sealed in parts.items() if sealed is not None]
        try:
            values = await self._vault.open_many(tenant, items, purpose=Purpose.NOTIFY, by=BY)
        except Exception as error:
            if not (is_transient(error) or isinstance(error, OperatorKeyUnknown)):
                raise
            raise ContentUnavailable from error
        broken = [field for (field, _), value in zip(items, values, strict=True) if value is Unopened.BROKEN]
        if broken:
            LOG.error("content.broken", tenant=tenant, fields=broken)
        return {
            field: value for (field, _), value in zip(items, values, strict=True) if isinstance(value, str)
        }


def _members(text: str | None) -> dict[str, object]:
    """Return the members of a sealed JSON object; anything else has none."""
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _degrees(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

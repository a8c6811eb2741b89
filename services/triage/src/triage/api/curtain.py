"""Personal data stay behind a curtain unless somebody with the right asks to see them (A14)."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Query

from service_kit.http import principal
from service_kit.identity import Action, Principal, allowed
from service_kit.vault import Purpose, Unopened
from shared_schemas.sealed import Sealed, SealedField

Hidden = Mapping[SealedField, Sealed | None]
Shown = dict[str, Any]
BEHIND_CURTAIN = {"sealed": True}


class Opens(Protocol):
    """The vault, as far as it opens."""

    async def open_many(
        self, tenant: str, items: Sequence[tuple[str, Sealed]], *, purpose: Purpose, by: str
    ) -> list[str | Unopened]:
        """Open several values and write down who looked."""


@dataclass(frozen=True, slots=True)
class Look:
    """One request's view of personal data: opened for who may and asked, else only that they are there."""

    vault: Opens
    tenant: str
    by: str
    opens: bool

    async def at(self, items: Sequence[Hidden]) -> list[Shown]:
        """Return what each item shows, by field; an erased value shows as null."""
        sealed = list(dict.fromkeys((field, one) for item in items for field, one in item.items() if one))
        opened = await self._opened(sealed)
        return [{field.value: _shown(field, one, opened) for field, one in item.items()} for item in items]

    async def _opened(
        self, sealed: list[tuple[SealedField, Sealed]]
    ) -> dict[tuple[SealedField, Sealed], str | Unopened]:
        if not self.opens or not sealed:
            return {}
        named = [(field.value, one) for field, one in sealed]
        values = await self.vault.open_many(self.tenant, named, purpose=Purpose.DISPLAY, by=self.by)
        return dict(zip(sealed, values, strict=True))


def _shown(
    field: SealedField, sealed: Sealed | None, opened: Mapping[tuple[SealedField, Sealed], str | Unopened]
) -> Any:
    if sealed is None:
        return None
    value = opened.get((field, sealed), Unopened.BROKEN)
    if isinstance(value, str):
        return _read(field, value)
    return None if value is Unopened.ERASED else BEHIND_CURTAIN


def _read(field: SealedField, value: str) -> Any:
    """Read an opened value; a caller who was sealed as a bare number is still a number to call back."""
    if field not in (SealedField.CALLER, SealedField.POINT):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        read = None
    if isinstance(read, dict):
        return read
    return {"number": value} if field is SealedField.CALLER else None


def curtain(vault: Opens) -> Callable[..., Awaitable[Look]]:
    """Return the dependency that gives each request its look."""

    async def look(
        tenant: str,
        who: Annotated[Principal, Depends(principal)],
        *,
        personal: Annotated[bool, Query(description="Open personal data; the opening is recorded.")] = False,
    ) -> Look:
        opens = personal and allowed(who, Action.OPEN_PERSONAL_DATA, tenant)
        return Look(vault, tenant, who.subject, opens)

    return look

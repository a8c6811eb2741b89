"""What a person writes about somebody is sealed for that contact before anything is saved (A14)."""

from dataclasses import dataclass

from shared_schemas.sealed import Sealed, SealedField
from triage.application.ports import Seals


@dataclass(frozen=True, slots=True)
class Spoken:
    """Personal data as a person typed them; never kept like this. `point` is JSON."""

    story: str | None = None
    place: str | None = None
    point: str | None = None


NOTHING_SAID = Spoken()


@dataclass(frozen=True, slots=True)
class SealedWords:
    """The same, sealed."""

    story: Sealed | None = None
    place: Sealed | None = None
    point: Sealed | None = None


async def seal(seals: Seals, tenant: str, contact: str, spoken: Spoken) -> SealedWords:
    """Seal what was said, under the key of one contact."""
    said = {
        SealedField.STORY: spoken.story,
        SealedField.PLACE: spoken.place,
        SealedField.POINT: spoken.point,
    }
    given = {field.value: text for field, text in said.items() if text}
    if not given:
        return SealedWords()
    sealed = await seals.seal_many(tenant, contact, given)
    return SealedWords(
        story=sealed.get(SealedField.STORY),
        place=sealed.get(SealedField.PLACE),
        point=sealed.get(SealedField.POINT),
    )

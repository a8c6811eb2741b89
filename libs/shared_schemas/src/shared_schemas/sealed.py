"""Personal data as events carry them: sealed, openable only through the vault."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from annotated_types import Len


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed value; its three parts are all it will ever have, so none can be lost on the way.

    Attributes:
        key_id: names the subject's key in the vault; when that key is erased the value is gone.
        nonce: base64url, 12 bytes.
        ciphertext: base64url, AES-256-GCM, tag included.
    """

    key_id: Annotated[str, Len(1, 128)]
    nonce: Annotated[str, Len(1, 64)]
    ciphertext: Annotated[str, Len(1, 65_536)]

    __pydantic_config__: ClassVar[Any] = {"json_schema_extra": {"x-closed": True}}


class SealedField(StrEnum):
    """What a sealed value is; the vault binds it, so who opens must name what who sealed named."""

    CALLER = "caller"  # JSON: number and name of who called
    STORY = "story"  # what happened, in words
    PLACE = "place"  # where, in words
    POINT = "point"  # JSON: latitude, longitude, radius_m

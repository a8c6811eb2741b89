"""What every part of every contract has in common: it keeps what it does not know, but no NaN."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class Tolerant(BaseModel):
    """Unknown fields survive reading and writing; NaN and infinity are refused, there too.

    So an old replica hands on what a newer one said, and no reader of JSON anywhere is given a
    number that JSON does not have (RFC 8259, section 6).
    """

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _unknown_numbers_are_finite(self) -> Self:
        for name, value in (self.__pydantic_extra__ or {}).items():
            if not _is_finite(value):
                message = f"{name} holds NaN or infinity"
                raise ValueError(message)
        return self


def _is_finite(value: object) -> bool:
    match value:
        case float():
            return isfinite(value)
        case Mapping():
            return all(_is_finite(one) for one in value.values())
        case str() | bytes():
            return True
        case Sequence():
            return all(_is_finite(one) for one in value)
        case _:
            return True

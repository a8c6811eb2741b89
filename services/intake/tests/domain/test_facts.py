"""The same caller is known again, however an exchange writes the number."""

import pytest

from intake.domain.facts import Caller

SAME = "081200001234"


@pytest.mark.parametrize(
    "written",
    [
        "081200001234",
        "+6281200001234",
        "+62 812-0000-1234",
        "6281200001234",
        "006281200001234",
        " 0812 0000 1234 ",
        "(0812) 00001234",
    ],
)
def test_one_number_in_many_spellings_is_one_caller(written: str) -> None:
    assert Caller(written).same_number == SAME


@pytest.mark.parametrize("written", ["6212345", "621234567"])
def test_a_short_local_number_that_begins_with_62_is_not_taken_for_a_country(written: str) -> None:
    assert Caller(written).same_number == written


@pytest.mark.parametrize("written", ["", "anonymous", "<unknown>", "+"])
def test_a_withheld_number_is_nobodys(written: str) -> None:
    assert Caller(written).same_number == ""


def test_a_caller_is_never_in_a_repr() -> None:
    assert "0812" not in repr(Caller(SAME, "Maria", "rumah terbakar"))
    assert "Maria" not in repr(Caller(SAME, "Maria", "rumah terbakar"))

"""The same cause always makes the same identifier, and two causes never the same one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schemas.identifiers import derived_id

parts = st.lists(
    st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"])), max_size=4
).map(tuple)


@given(parts, parts)
def test_two_causes_make_two_identifiers_and_one_makes_one(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert (derived_id("53.03", "call", *one) == derived_id("53.03", "call", *other)) == (one == other)


def test_the_same_cause_in_two_tenants_is_two_things() -> None:
    assert derived_id("53.03", "call", "pbx", "1") != derived_id("53.04", "call", "pbx", "1")


def test_an_identifier_is_a_uuid_in_canonical_form_and_never_changes() -> None:
    made = derived_id("53.03", "call", "pbx-ttu", "1795347720.12")
    assert str(UUID(made)) == made
    assert UUID(made).version == 5
    assert made == "f55db7b5-ccb7-593c-8f36-d61e6a899145"


def test_a_part_cannot_pretend_to_be_two() -> None:
    with pytest.raises(ValueError, match="separator"):
        derived_id("53.03", "call", "pbx\x1f1")

"""What call takers decide: always the same for the same call, and like real traffic."""

from collections import Counter
from pathlib import Path

import pytest

from shared_schemas.vocabulary import Classification
from siaga_demo.decisions import SHARES, Decision, classify, decide
from siaga_demo.phrases import Phrases, read_phrases

FOLDER = Path(__file__).parents[1] / "phrases"
CALLS = [f"call-{number}" for number in range(2_000)]


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return read_phrases(FOLDER)


def decided(
    phrases: Phrases, call_id: str, *, seed: str = "s", tenant: str = "53.03", told: str = ""
) -> Decision:
    return decide(phrases, seed=seed, tenant=tenant, call_id=call_id, takers=3, told=told)


def test_the_same_call_is_decided_the_same_way_again(phrases: Phrases) -> None:
    assert [decided(phrases, one) for one in CALLS[:50]] == [decided(phrases, one) for one in CALLS[:50]]


def test_another_seed_decides_otherwise(phrases: Phrases) -> None:
    assert [decided(phrases, one) for one in CALLS[:50]] != [
        decided(phrases, one, seed="t") for one in CALLS[:50]
    ]


def test_most_calls_need_no_help_and_every_class_occurs(phrases: Phrases) -> None:
    seen = Counter(decided(phrases, one).classification for one in CALLS)
    assert set(seen) == set(Classification)
    assert sum(count for label, count in seen.items() if not label.needs_help) > len(CALLS) * 0.65
    assert seen[Classification.EMERGENCY] == pytest.approx(len(CALLS) * 0.16, rel=0.2)


def test_the_shares_are_a_whole() -> None:
    assert sum(part for _, part in SHARES) == pytest.approx(1)
    assert classify(0) is SHARES[0][0]
    assert classify(0.999999999) is SHARES[-1][0]


def test_who_needs_help_tells_a_story_and_a_place_and_nobody_else_does(phrases: Phrases) -> None:
    for call_id in CALLS:
        one = decided(phrases, call_id)
        assert (one.story is not None) == (one.place is not None) == one.classification.needs_help


def test_all_callers_of_a_towns_fire_tell_of_the_same_fire_in_two_ways(phrases: Phrases) -> None:
    fires = [one for call_id in CALLS if (one := decided(phrases, call_id)).fire]
    assert len({one.fire for one in fires}) == 1
    assert len({one.story.text for one in fires if one.story}) == 2
    assert {one.story.incident_type for one in fires if one.story} == {"structure_fire"}


def test_some_tickets_are_closed_without_an_agency_and_fires_never(phrases: Phrases) -> None:
    helped = [one for call_id in CALLS if (one := decided(phrases, call_id)).story]
    closed = [one for one in helped if one.closing_reason]
    assert 0 < len(closed) < len(helped) / 2
    assert not any(one.fire for one in closed)


def test_what_a_person_wrote_is_understood_by_its_words(phrases: Phrases) -> None:
    told = "rumah terbakar dekat pasar baru, Kefamenanu"
    one = decided(phrases, "call", told=told)
    assert one.story is not None
    assert (one.classification, one.story.incident_type, one.story.text) == (
        Classification.EMERGENCY,
        "structure_fire",
        told,
    )


def test_places_belong_to_the_tenant_and_a_district_is_a_code_or_nothing(phrases: Phrases) -> None:
    for tenant in ("53.03", "53.71", "53.04"):
        districts = {place.district for place in phrases.places[tenant]}
        assert all(not one or len(one.split(".")) == 3 for one in districts)
        assert any(one.startswith(tenant) for one in districts)


def test_every_type_that_is_told_is_in_every_demo_tenants_catalogue(phrases: Phrases) -> None:
    folder = Path(__file__).parents[2] / "tenants"
    for tenant in ("53.03", "53.71", "53.04"):
        catalogue = (folder / f"{tenant}.yaml").read_text(encoding="utf-8")
        told = {one.incident_type for lane in ("emergency", "non_emergency") for one in phrases.of_lane(lane)}
        assert [one for one in told if f"code: {one}\n" not in catalogue] == []

"""One of each tenant in turn, each tenant's own order kept, nobody forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from service_kit.fairness import in_turn

WAITING = st.lists(st.tuples(st.sampled_from("abc"), st.integers()))


def tenant(one: tuple[str, int]) -> str:
    return one[0]


def test_a_flood_of_one_tenant_leaves_every_second_place_to_another() -> None:
    flood = [("a", number) for number in range(5)]
    assert in_turn([*flood, ("b", 1), ("b", 2)], of=tenant) == [
        ("a", 0), ("b", 1), ("a", 1), ("b", 2), ("a", 2), ("a", 3), ("a", 4),
    ]  # fmt: skip


@given(WAITING)
def test_everybody_has_a_place_and_of_one_tenant_who_came_first_is_first(
    waiting: list[tuple[str, int]],
) -> None:
    ordered = in_turn(waiting, of=tenant)
    for code in "abc":
        assert [one for one in ordered if one[0] == code] == [one for one in waiting if one[0] == code]
    assert len(ordered) == len(waiting)


@given(WAITING)
def test_whoever_is_n_th_of_its_tenant_waits_behind_n_of_each_other_at_most(
    waiting: list[tuple[str, int]],
) -> None:
    seen: dict[str, int] = {}
    for place, (code, _) in enumerate(in_turn(waiting, of=tenant)):
        seen[code] = seen.get(code, 0) + 1
        assert place < seen[code] * len(set(map(tenant, waiting)))

"""What the acts beside the closest living system, a rebuild and growth are judged to be."""

from dataclasses import replace

import pytest

from bench.beside.asking import Asking
from bench.beside.interrupted import Interrupted
from bench.beside.listing import Listing
from bench.beside.opening import Opening
from bench.beside.section import asking_figures, interrupted_figure, listing_figure, opening_figures
from bench.growth import LISTS, RECAP, STEPS, Grown, growth_section
from bench.rebuilding import WAITS_SECONDS, Rebuilt, rebuilding_section

OPENING = Opening((0.008,) * 20, (0.02,) * 20, 130.0, {"triage": 4.0, "store": 3.0})
ASKING = Asking((0.05,), (0.06,), (0.01,), hung_requests=3, hung_mails=2)
LISTING = Listing(1_000, (0.02,), (0.08,), 0.2)
INTERRUPTED = Interrupted(commands=40, cut=20, killed=4, doubled=0, missing=0)


def grown(tickets: int, *seconds: float) -> Grown:
    return Grown(
        tickets=tickets,
        ticket_bytes=30_000,
        documents=10 * tickets,
        filled_in=2.0,
        turns=[
            {**dict.fromkeys(LISTS, one), **dict.fromkeys(STEPS, 0.04), RECAP: one * tickets}
            for one in seconds
        ],
    )


def missed(
    opening: Opening = OPENING,
    asking: Asking = ASKING,
    listing: Listing = LISTING,
    interrupted: Interrupted = INTERRUPTED,
) -> list[str]:
    figures = [*opening_figures(opening), *asking_figures(asking)]
    figures += [listing_figure(listing), interrupted_figure(interrupted)]
    return [figure.name for figure in figures if figure.met is False]


def test_good_acts_meet_every_goal() -> None:
    assert missed() == []


def test_slow_acts_miss_theirs() -> None:
    assert missed(opening=replace(OPENING, alone=(0.011,) * 20)) == ["open a ticket, one client, p50"]
    assert missed(opening=replace(OPENING, alone=(0.001,) * 9 + (0.041,))) == [
        "open a ticket, one client, p99"
    ]
    assert missed(opening=replace(OPENING, per_second=119.0)) == ["open tickets, four clients"]
    assert missed(listing=replace(LISTING, page=(0.01,) * 9 + (0.051,))) == [
        "list of open tickets, 1,000 open, first 100, p95"
    ]


def test_a_hanging_server_that_was_never_asked_proves_nothing() -> None:
    for hung in ({"hung_requests": 0}, {"hung_mails": 0}, {"beside_hanging": (0.101,)}):
        assert len(missed(asking=replace(ASKING, **hung))) == 1


@pytest.mark.parametrize("wrong", [{"doubled": 1}, {"missing": 1}, {"cut": 0}])
def test_what_is_doubled_or_missing_or_was_never_cut_misses(wrong: dict[str, int]) -> None:
    assert missed(interrupted=replace(INTERRUPTED, **wrong)) == ["interrupted and repeated commands"]


def test_a_rebuild_is_judged_without_the_waits_for_other_replicas() -> None:
    fast, unequal = Rebuilt(3_000, 1.5 + WAITS_SECONDS, equal=True), Rebuilt(3_000, 100.0, equal=False)
    assert [one.verdict for one in rebuilding_section([fast]).figures] == ["met", "met"]
    assert [one.verdict for one in rebuilding_section([unequal]).figures] == ["missed", "missed"]


def test_what_grows_with_the_store_is_not_flat_and_a_recap_is_only_told() -> None:
    flat = growth_section([grown(1_000, 0.01), grown(10_000, 0.012)])
    steep = growth_section([grown(1_000, 0.01), grown(10_000, 0.016)])
    assert {one.verdict for one in flat.figures} == {"met", "–"}
    assert {one.name for one in steep.figures if one.met is False} == set(LISTS)


def test_what_took_no_time_at_first_is_flat_only_while_it_takes_none() -> None:
    nothing, something = growth_section([grown(9, 0.0)] * 2), growth_section([grown(9, 0.0), grown(99, 0.01)])
    assert not [one.name for one in nothing.figures if one.met is False]
    assert [one.name for one in something.figures if one.met is False] == list(LISTS)


def test_one_turn_that_was_disturbed_does_not_judge_growth() -> None:
    section = growth_section([grown(1_000, 0.01, 0.01, 0.01), grown(100_000, 0.011, 0.090, 0.012)])
    told = {one.name: one for one in section.figures}
    assert told["open tickets"].value == "10.0 ms · 12.0 ms; ratio 1.20 (1.10–9.00)"
    assert told["open tickets"].verdict == "met"
    assert section.title == "Growth to 100,000 tickets"
    assert list(section.plots) == ["growth-calls-100000", "growth-lists-100000"]

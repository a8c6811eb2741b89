"""What a load's measurements are judged to be."""

from dataclasses import replace

import pytest

from bench.agencies import Received
from bench.doorway import Served
from bench.exchange import Acknowledged
from bench.load import Loaded
from bench.load_figures import load_section, memory_section
from bench.takers import Escalated

GOOD = Loaded(
    calls=1,
    calls_per_second=1.0,
    seconds=12.0,
    acknowledged=(Acknowledged("ringing", 0.010, 0.001, 202), Acknowledged("ended", 0.020, 0.001, 202)),
    escalated=(Escalated("t1", 100.0, ("damkar",)),),
    received=(Received("d1", "t1", "damkar", 100.4),),
    not_taken=(),
    refused_replies=0,
    lag=0,
    served=Served(2.0, 0.02),
    commit_seconds=0.001,
    megabytes={},
    cores={},
)


def verdicts(loaded: Loaded) -> dict[str, str]:
    """Return each figure's verdict by its name."""
    return {figure.name: figure.verdict for figure in load_section(loaded, []).figures}


def test_a_good_load_meets_every_goal() -> None:
    assert set(verdicts(GOOD).values()) == {"met"}


def test_the_acknowledgements_time_is_shared_out() -> None:
    (figure,) = (one for one in load_section(GOOD, []).figures if one.name == "intake's acknowledgement")
    assert figure.reason.startswith(
        "intake's doorway and spool 67%; HTTP there and back 27%; generator late 7%"
    )


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"acknowledged": (Acknowledged("ringing", 0.010, 0.0, 503),)}, "nothing lost"),
        ({"not_taken": ("NotTaken: POST tickets: 409",)}, "nothing lost"),
        ({"lag": 3}, "nothing lost"),
        ({"refused_replies": 1}, "nothing lost"),
        ({"forgotten": 1}, "nothing lost"),
        ({"received": ()}, "agencies asked"),
        ({"received": (*GOOD.received, Received("d2", "t1", "damkar", 100.9))}, "agencies asked"),
        ({"acknowledged": (Acknowledged("ringing", 0.051, 0.0, 202),)}, "intake's acknowledgement"),
        ({"acknowledged": ()}, "intake's acknowledgement"),
        ({"received": (Received("d1", "t1", "damkar", 101.1),)}, "escalation accepted → agency asked"),
    ],
)
def test_what_is_lost_doubled_or_late_misses_its_goal(changed: dict[str, object], missed: str) -> None:
    assert verdicts(replace(GOOD, **changed))[missed] == "missed"  # type: ignore[arg-type]


def test_times_at_a_higher_rate_than_the_goals_are_told_and_not_judged() -> None:
    told = verdicts(replace(GOOD, calls_per_second=5.0))
    assert told["intake's acknowledgement"] == told["escalation accepted → agency asked"] == "–"
    assert told["nothing lost"] == "met"


def test_servers_and_services_have_goals_of_their_own() -> None:
    loaded = replace(GOOD, megabytes={"kafka": 240, "store": 160, "triage": 110}, cores={"kafka": 0.1})
    section = memory_section(loaded)
    assert [figure.verdict for figure in section.figures] == ["met", "missed", "met"]
    assert section.figures[0].reason == "10% of a core during the load"

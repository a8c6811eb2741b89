"""What a load's measurements are judged to be."""

from dataclasses import replace

import pytest

from bench.agencies import Received
from bench.exchange import Acknowledged
from bench.load import Loaded
from bench.load_figures import load_section, memory_section
from bench.takers import Escalated

GOOD = Loaded(
    calls=1,
    seconds=12.0,
    acknowledged=(Acknowledged("ringing", 0.010, 0.001, 202), Acknowledged("ended", 0.020, 0.001, 202)),
    escalated=(Escalated("t1", 100.0, ("damkar",)),),
    received=(Received("d1", "t1", "damkar", 100.4),),
    not_taken=(),
    refused_replies=0,
    lag=0,
    megabytes={},
)


def verdicts(loaded: Loaded) -> dict[str, str]:
    """Return each figure's verdict by its name."""
    return {figure.name: figure.verdict for figure in load_section(loaded, []).figures}


def test_a_good_load_meets_every_goal() -> None:
    assert set(verdicts(GOOD).values()) == {"met"}


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"acknowledged": (Acknowledged("ringing", 0.010, 0.0, 503),)}, "nothing lost"),
        ({"not_taken": ("NotTaken: POST tickets: 409",)}, "nothing lost"),
        ({"lag": 3}, "nothing lost"),
        ({"refused_replies": 1}, "nothing lost"),
        ({"received": ()}, "agencies asked"),
        ({"received": (*GOOD.received, Received("d2", "t1", "damkar", 100.9))}, "agencies asked"),
        ({"acknowledged": (Acknowledged("ringing", 0.051, 0.0, 202),)}, "intake's acknowledgement"),
        ({"acknowledged": ()}, "intake's acknowledgement"),
        ({"received": (Received("d1", "t1", "damkar", 101.1),)}, "escalation accepted → agency asked"),
    ],
)
def test_what_is_lost_doubled_or_late_misses_its_goal(changed: dict[str, object], missed: str) -> None:
    assert verdicts(replace(GOOD, **changed))[missed] == "missed"  # type: ignore[arg-type]


def test_servers_and_services_have_goals_of_their_own() -> None:
    found = {
        figure.name: figure.verdict
        for figure in memory_section({"kafka": 240, "store": 160, "triage": 110}).figures
    }
    assert found == {"kafka": "met", "store": "missed", "triage": "met"}

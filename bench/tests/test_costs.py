"""What one call costs is what grew while calls came, less what grows without any."""

import pytest

from bench.costs import Told, costs_of
from bench.costs_figures import costs_sections
from bench.observed import LIBRARIES, STAGES, name_of
from bench.tests.test_load_figures import GOOD

KIT = "/checkout/libs/service_kit/src/service_kit"


def told(at: float, seconds: float, samples: int, finds: int, sent: int) -> Told:
    return Told(
        at,
        {"triage": seconds},
        {"triage": {"hearing events|store's client": samples}},
        {"triage": {"find desk_calls": finds}},
        {"triage": {"siaga_events_sent_total call.updated": sent}},
    )


def test_what_is_used_without_any_call_is_no_calls_cost() -> None:
    costs = costs_of(GOOD, told(0.0, 1.0, 0, 0, 0), told(10.0, 1.5, 0, 40, 0), told(30.0, 3.0, 50, 130, 4))
    assert costs.idle == {"triage": pytest.approx(0.05)}
    assert costs.seconds == {"triage": pytest.approx(0.5)}  # 1.5 s in 20 s, of which 1 s idling; one call
    assert costs.commands["triage"] == {"find desk_calls": pytest.approx(10.0)}
    times, stages, deeds = costs_sections(costs)
    assert times.figures[0].value == "500.0 ms a call"
    assert stages.figures[0].value == "hearing events 500.00"
    assert deeds.figures[0].value == "10.0 commands: find desk_calls 10.00"
    assert deeds.figures[0].reason == "sent call.updated 4.00"


@pytest.mark.parametrize(
    ("inside_out", "stage", "library"),
    [
        (
            ["/lib/pymongo/pool.py", f"{KIT}/store.py", f"{KIT}/listener.py"],
            "hearing events",
            "store's client",
        ),
        (
            [f"{KIT}/store.py", "/lib/fastapi/routing.py", "/lib/uvicorn/x.py"],
            "answering requests",
            "service and kit",
        ),
        (["/lib/json/encoder.py", f"{KIT}/relay.py"], "sending events", "service and kit"),
        (["/lib/asyncio/selector_events.py"], "event loop", "event loop"),
    ],
)
def test_a_sample_counts_for_what_the_service_was_at_and_for_whose_code_ran(
    inside_out: list[str], stage: str, library: str
) -> None:
    assert name_of(inside_out[::-1], STAGES) == stage
    assert name_of(inside_out, LIBRARIES) == library

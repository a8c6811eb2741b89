"""A ticket's story is told to its end, whatever time a device wrote into it."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siaga_cli.commands.shown.story import show_steps
from siaga_cli.commands.shown.timeline import Step, Told, merge
from siaga_cli.commands.shown.times import local, utc

ZONES = ["Asia/Jakarta", "Asia/Makassar", "America/New_York", "UTC"]
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
OFFSETS = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))


def steps_at(*moments: datetime) -> tuple[Step, ...]:
    lines = [
        {
            "at": "2026-11-22T03:00:00Z",
            "occurred_at": one.isoformat(),
            "what": "call.ended",
            "by": "queue_log",
        }
        for one in moments
    ]
    return merge([Told("intake", "call 1", {"timeline": lines})])


@pytest.mark.parametrize("zone", ZONES)
def test_the_ends_of_the_calendar_do_not_break_the_timeline(
    zone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_steps(steps_at(FIRST, LAST, datetime(2026, 11, 22, 2, tzinfo=UTC)), ZoneInfo(zone))
    assert capsys.readouterr().out.count("call 1") == 3


@given(moment=st.datetimes(timezones=OFFSETS), zone=st.sampled_from(ZONES))
def test_every_time_that_python_knows_is_said_or_left_out(moment: datetime, zone: str) -> None:
    assert local(moment, ZoneInfo(zone))
    assert utc(moment)
    assert all(step.as_json() for step in steps_at(moment))

"""Intake's own metrics and the disk below them."""

from pathlib import Path

from bench.doorway import Served, commit_seconds, read_served

METRICS = """\
# HELP siaga_http_seconds Time to answer a request.
# TYPE siaga_http_seconds histogram
siaga_http_seconds_bucket{le="0.005",method="POST",route="/v1/tenants/{tenant}/trunks/{trunk}/events",status="202"} 2.0
siaga_http_seconds_count{method="POST",route="/v1/tenants/{tenant}/trunks/{trunk}/events",status="202"} 3.0
siaga_http_seconds_sum{method="POST",route="/v1/tenants/{tenant}/trunks/{trunk}/events",status="202"} 0.5
siaga_http_seconds_count{method="POST",route="/v1/tenants/{tenant}/trunks/{trunk}/events",status="401"} 1.0
siaga_http_seconds_sum{method="POST",route="/v1/tenants/{tenant}/trunks/{trunk}/events",status="401"} 0.25
siaga_http_seconds_count{method="GET",route="/readyz",status="200"} 9.0
siaga_http_seconds_sum{method="GET",route="/readyz",status="200"} 9.0
"""


def test_only_the_doorway_for_exchange_events_counts_whatever_it_answered() -> None:
    assert read_served(METRICS) == Served(4.0, 0.75)
    assert read_served("") == Served()


def test_what_was_served_before_the_load_is_not_the_loads() -> None:
    assert read_served(METRICS).since(Served(1.0, 0.25)) == Served(3.0, 0.5)


def test_a_commit_takes_time(tmp_path: Path) -> None:
    assert 0 < commit_seconds(tmp_path) < 5

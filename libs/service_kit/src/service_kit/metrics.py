"""The kit's metric names, one place, with what each one means."""

from collections.abc import Iterator, Mapping

from prometheus_client import Counter, Gauge, Histogram

EVENTS_HANDLED = Counter(
    "siaga_events_handled_total",
    "Events taken from the bus, by topic, tenant and fate (done, superseded, dead_letter).",
    ["topic", "tenant", "fate"],
)
EVENTS_SENT = Counter("siaga_events_sent_total", "Events that the broker acknowledged, by topic.", ["topic"])
SEND_FAILURES = Counter(
    "siaga_event_send_failures_total",
    "Events that were not acknowledged and wait for the sweeper.",
    ["topic"],
)
HANDLING_SECONDS = Histogram(
    "siaga_event_handling_seconds",
    "From taking an event to its last effect in the store.",
    ["topic"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
RETRIES = Counter(
    "siaga_retries_total",
    "Tries again because the store or the broker was away, by what waited.",
    ["waiting"],
)
LOST_RACES = Counter(
    "siaga_lost_races_total", "Saves that another writer won and that were decided again.", ["collection"]
)
CONSUMER_LAG = Gauge("siaga_consumer_lag", "Events not yet handled, by topic.", ["topic"])
CLOCK_SKEW = Gauge(
    "siaga_clock_skew_seconds",
    "How far this process's clock is ahead of another one (less than 0: behind), as last seen, by source.",
    ["source"],
)
STATUS = Gauge(
    "siaga_status",
    "A number of /status at the time of this scrape (outbox, dead_letters, spool, ready, …); NaN: cannot be told.",
    ["what", "part"],
)
HTTP_SECONDS = Histogram(
    "siaga_http_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


OF_THEIR_OWN = frozenset({"lag", "clock_skew_seconds"})
"""What has a metric of its own."""


def show_status(report: Mapping[str, object]) -> None:
    """Show the numbers of a `/status` report as metrics; words such as the version are none.

    What this report does not name any more is not shown any more.
    """
    STATUS.clear()
    for what, told in report.items():
        for part, number in _numbers(told) if what not in OF_THEIR_OWN else ():
            STATUS.labels(what, part).set(float("nan") if number is None else number)


def _numbers(told: object, part: str = "") -> Iterator[tuple[str, float | None]]:
    if isinstance(told, Mapping):
        for name, inner in told.items():
            yield from _numbers(inner, f"{part}/{name}".strip("/"))
    elif told is None or isinstance(told, int | float):
        yield part, told

"""What must hold while the broker or the store is away, and how soon all is caught up. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.figures import milliseconds
from bench.percentiles import percentile
from tests.faults.history import History, Json

CATCHING_UP, CPU, CURRENT = "catching up", "share of a core", "current calls"
HALF = 0.5
RATE_OVER = 5.0
"""Seconds over which the fastest catching up is measured."""

CPU_MOST = 0.3
WAIT = ("triage", "dispatch", "agency-notifier", "statistics")
"""Who can do nothing but wait."""

GOAL = 0.050
LISTED_WITHIN = 5.0

Samples = Sequence[tuple[float, int | None]]


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How a backlog was worked off.

    Attributes:
        backlog: the most events that waited at once after the outage.
        rate: how many fewer waited after each second, where that went fastest for 5 s.
        after: seconds from the outage's end until as few waited as before it; None if never.
    """

    backlog: int
    rate: float
    after: float | None

    @property
    def within(self) -> float:
        """How long it may take: the backlog by half the rate."""
        return self.backlog / (HALF * self.rate) if self.rate else 0.0


def caught_up(told: Json) -> CaughtUp:
    """Read what was noted, second by second."""
    known = [(at, waits) for at, waits in told["samples"] if waits is not None]
    backlog = max((waits for _, waits in known), default=0)
    return CaughtUp(backlog, _fastest(known), _since(told["samples"], told["usual"]))


def limit_of(told: Json) -> float:
    """Return how long after the outage something may still be late: what catching up may take."""
    return caught_up(told).within


def _fastest(known: Sequence[tuple[float, int]]) -> float:
    rates = [
        (before - after) / (later - at)
        for number, (at, before) in enumerate(known)
        for later, after in known[number + 1 :]
        if later - at >= RATE_OVER
    ]
    return max(rates, default=0.0)


def _since(samples: Samples, usual: int) -> float | None:
    """Return the moment from which on as few wait as usual, to the last look."""
    since: float | None = None
    for at, waits in samples:
        if waits is None or waits > usual:
            since = None
        elif since is None:
            since = at
    return since


def too_slow(history: History) -> Iterator[str]:
    """Say where the backlog was not worked off at half the rate that was seen in the same run."""
    told = history.noted.get(CATCHING_UP)
    if told is None:
        yield "nobody looked how the backlog was worked off"
        return
    found = caught_up(told)
    if found.after is None:
        yield f"{found.backlog} events waited, and it never came to as few as before"
    elif found.backlog > told["usual"] and found.after > found.within:
        yield f"{_in_words(found)}: later than {found.within:.0f} s"


def spinning(history: History) -> Iterator[str]:
    """Name each service that could only wait and took more than a part of a core for it."""
    shares = history.noted.get(CPU)
    if not shares:
        yield "nobody looked what waiting costs"
        return
    for name in WAIT:
        share = shares.get(name)
        if share is None:
            yield f"{name} did not live through the outage"
        elif share > CPU_MOST:
            yield f"{name} took {share:.0%} of a core to wait"


def unlisted(history: History) -> Iterator[str]:
    """Name each call of the moment that intake left out of its list, and a list that took too long."""
    noted = history.noted.get(CURRENT)
    if noted is None or not noted["calls"]:
        yield "nobody asked for the current calls"
        return
    for call in noted["missing"]:
        yield f"call {call} was under way and intake did not list it"
    if noted["slowest"] > LISTED_WITHIN:
        yield f"a list of the current calls took {noted['slowest']:.1f} s"


def told_of_outage(history: History) -> Iterator[str]:
    """Tell the figures of an outage, goals included."""
    began, ended = min(one.began for one in history.faults), max(one.ended for one in history.faults)
    waited = [
        one.acknowledged_at - one.intended_at
        for one in history.inputs.told
        if began <= one.intended_at <= ended
    ]
    if waited:
        slow = percentile(waited, 0.99)
        verdict = "met" if slow <= GOAL else "missed"
        yield (
            f"intake's answer to {len(waited)} events meanwhile: p50 {milliseconds(percentile(waited, 0.5))}, "
            f"p99 {milliseconds(slow)} (goal {milliseconds(GOAL)}: {verdict})"
        )
    if CATCHING_UP in history.noted:
        found = caught_up(history.noted[CATCHING_UP])
        yield f"{_in_words(found)}; allowed: {found.within:.0f} s"
    shares = history.noted.get(CPU, {})
    yield "share of a core meanwhile: " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
    if noted := history.noted.get(CURRENT):
        yield (
            f"current calls asked for {noted['looks']} times, {noted['calls']} were to be listed, "
            f"{len(noted['missing'])} were not; slowest list {noted['slowest']:.2f} s"
        )


def _in_words(found: CaughtUp) -> str:
    when = "never" if found.after is None else f"after {found.after:.0f} s"
    return (
        f"{found.backlog} events waited at most, at best {found.rate:.0f} fewer a second over "
        f"{RATE_OVER:.0f} s; caught up {when}"
    )

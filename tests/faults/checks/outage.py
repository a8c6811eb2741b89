"""What must hold while the broker or the store is away, and how soon all is caught up. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.figures import milliseconds
from bench.percentiles import percentile
from bench.takers import TAKES_AFTER
from siaga_cli.run.environments import SERVICES
from tests.faults.history import History

BACK, CPU, CURRENT, SAID = "there again at", "share of a core", "current calls", "siaga status"
HALF = 0.5
RATE_OVER = 5.0
"""Seconds over which the fastest catching up is measured."""

CPU_MOST = 0.3
WAIT = ("triage", "dispatch", "agency-notifier", "statistics")
"""Who can do nothing but wait."""

GOAL = 0.050
LISTED_WITHIN = 5.0
BACK_WITHIN = 30.0
"""Seconds after the outage within which every service must be able to work again."""
NEVER = float("inf")
DOWN = "DOWN"


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How a backlog was worked off.

    Attributes:
        backlog: the calls for help that came to nobody while somebody was away.
        rate: how many of them a second came to all their agencies, where that went fastest for 5 s.
        after: seconds from when everybody was there again until the last of them had.
        came: how many a second came while somebody was away.
    """

    backlog: int
    rate: float
    after: float
    came: float

    @property
    def within(self) -> float:
        """How long it may take: the backlog by half the rate at which it is caught up.

        That rate is at least the one that the machine holds, twice of what came (0.5 C): whatever was slow
        all the time excuses nothing.
        """
        rate = max(self.rate, self.came / HALF)
        return self.backlog / (HALF * rate) if rate else 0.0


def caught_up(history: History) -> CaughtUp:
    """Follow each call that was to become a ticket during the outage to the last agency that was asked."""
    back, began = _back(history), min(one.began for one in history.faults)
    done = sorted(one - back for one in _through(history, began, back))
    return CaughtUp(len(done), _fastest(done), max(done, default=0.0), len(done) / (back - began))


def _back(history: History) -> float:
    return float(history.noted.get(BACK) or max(one.ended for one in history.faults))


def _through(history: History, began: float, back: float) -> Iterator[float]:
    """Give the moment at which each of them had reached everybody it was for."""
    rang = {one.call_id: one.intended_at for one in history.inputs.told if one.event == "ringing"}
    asked: dict[tuple[str, str], float] = {}
    for request in history.requests:
        key = (request.ticket_id, request.agency)
        asked[key] = min(request.at, asked.get(key, NEVER))
    for one in history.inputs.escalated:
        if one.call_id in rang and began <= rang[one.call_id] + TAKES_AFTER <= back:
            yield max(asked.get((one.ticket_id, agency), NEVER) for agency in one.agencies)


def _fastest(done: Sequence[float]) -> float:
    within = (sum(1 for one in done if first <= one < first + RATE_OVER) for first in done if first < NEVER)
    return max(within, default=0) / RATE_OVER


def normal_again(history: History) -> float:
    """Return how long after the last fault something may still be late: what catching up may take."""
    last = history.last_fault_ended or 0.0
    return min(_back(history) - last, BACK_WITHIN) + caught_up(history).within


def said_no(history: History) -> Iterator[str]:
    """Say how often intake did not take an event at once while somebody was away, and what it answered."""
    began, ended = min(one.began for one in history.faults), max(one.ended for one in history.faults)
    said = [one for one in history.inputs.put_off if began <= one.at <= ended]
    for status, count in sorted(Counter(one.status for one in said).items()):
        first = min(one.at for one in said if one.status == status) - began
        answer = f"answered {status}" if status else "did not answer"
        yield f"intake {answer} {count} times while somebody was away, first after {first:.1f} s"


def too_slow(history: History) -> Iterator[str]:
    """Say where the backlog was not worked off at half the rate that was seen in the same run."""
    found, last = caught_up(history), history.last_fault_ended or 0.0
    if BACK not in history.noted:
        yield "nobody saw every service able to work again after the outage"
    elif _back(history) - last > BACK_WITHIN:
        yield f"everybody could work again only {_back(history) - last:.0f} s after the outage"
    if not found.backlog:
        yield "nobody called for help while somebody was away, so there was nothing to catch up"
    elif found.after > found.within:
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


def called_down(history: History) -> Iterator[str]:
    """Name each service that a person was told is down while it only waited for somebody else."""
    said = str(history.noted.get(SAID, ""))
    if not said:
        yield "nobody asked during the outage how things are"
    for line in said.splitlines():
        words = line.replace("│", " ").split()
        if words[1:2] == [DOWN] and words[0] in SERVICES:
            yield f"siaga status called {words[0]} down, which lived and waited"


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
    found = caught_up(history)
    yield f"{_in_words(found)}; allowed: {found.within:.0f} s"
    shares = history.noted.get(CPU, {})
    yield "share of a core meanwhile: " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
    if noted := history.noted.get(CURRENT):
        yield (
            f"current calls asked for {noted['looks']} times, {noted['calls']} were to be listed, "
            f"{len(noted['missing'])} were not; slowest list {noted['slowest']:.2f} s"
        )


def _in_words(found: CaughtUp) -> str:
    when = "some never did" if found.after == NEVER else f"the last after {found.after:.0f} s"
    return (
        f"{found.backlog} calls for help waited; at best {found.rate:.1f} a second came to their agencies "
        f"over {RATE_OVER:.0f} s; {when}"
    )

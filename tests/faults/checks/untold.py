"""What a service keeps and the log does not tell: after a broker lost its log, everything has to be told again."""

from collections.abc import Iterable, Iterator

from tests.faults.history import History, Json, Said, States


def untold(history: History) -> Iterator[str]:
    """Name every aggregate that the log of the end does not know."""
    yield from untold_of(history.states, history.log)


def untold_of(states: States, log: Iterable[Said]) -> Iterator[str]:
    """Name every aggregate that was told once and is not in a log."""
    told = {said.about for said in log}
    for about in kept(states):
        if about not in told:
            yield f"{about[0]} keeps {about[1]} and the log does not tell it"


def kept(states: States) -> Iterator[tuple[str, str]]:
    """Give every aggregate that its service told when it made it: who keeps it, and its subject."""
    sides: tuple[tuple[str, str, str, Iterable[Json]], ...] = (
        ("intake", "call", "call_id", states.calls),
        ("triage", "call", "call_id", (one for one in states.desk_calls if one["classification"])),
        ("triage", "ticket", "ticket_id", states.tickets),
        ("dispatch", "response", "ticket_id", states.responses),
        ("agency-notifier", "delivery", "delivery_id", states.deliveries),
    )
    for source, kind, key, found in sides:
        for one in found:
            yield source, f"{kind}/{one[key]}"


def not_yet_told_again(before: Iterable[Said], now: Iterable[Said]) -> int:
    """Count the aggregates that an earlier log told and a later one does not tell as new as that.

    A round's closing follows from the state: an older one need not be told again.
    """
    newest = _newest(now)
    return sum(newest.get(about, 0) < sequence for about, sequence in _newest(before).items())


def _newest(log: Iterable[Said]) -> dict[tuple[str, str], int]:
    newest: dict[tuple[str, str], int] = {}
    for said in log:
        if said.topic != "ticket.closed":
            newest[said.about] = max(said.sequence, newest.get(said.about, 0))
    return newest

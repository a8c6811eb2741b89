"""What is not as it should be when all is over: something buried, unfinished, or dead by itself."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.history import KILLING, RESTART, History

KILLED, ENDED = "-9", "0"


def not_at_rest(history: History) -> Iterator[str]:
    """Name dead letters, work that never ended, and programs that died without being killed."""
    good = (one for one in history.buried if (one.topic, one.place) not in history.poisoned)
    for (service, topic, reason), count in Counter(
        (one.service, one.topic, one.reason) for one in good
    ).items():
        yield f"{count} good events of {topic} were buried by {service}: {reason}"
    yield from history.states.unfinished
    for ticket in history.states.tickets:
        if ticket["escalations"] and ticket["status"] != "closed":
            yield f"ticket {ticket['ticket_id']} was helped to its end and is {ticket['status']}"
    yield from _deaths(history)


def _deaths(history: History) -> Iterator[str]:
    kills = Counter(fault.program for fault in history.faults if fault.kind in KILLING)
    killed = Counter(death.program for death in history.deaths if death.exit == KILLED)
    restarts = Counter(fault.program for fault in history.faults if fault.kind == RESTART)
    for death in history.deaths:
        if death.exit == ENDED and restarts[death.program] > 0:
            restarts[death.program] -= 1
        elif death.exit != KILLED and death.program not in history.may_end:
            yield f"{death.program} ended by itself (exit {death.exit})"
    for program, count in killed.items():
        if count > kills[program] and program not in history.may_end:
            yield f"{program} was killed {kills[program]} times and died {count} times"

"""How much is tried beside the closest living system, how often statistics are rebuilt, how far the store grows."""

from dataclasses import dataclass

from bench.sizes import FULL, QUICK, SMOKE, Size


@dataclass(frozen=True, slots=True)
class Effort:
    """What one size of the bench means for single acts.

    Attributes:
        opened: tickets that one person opens alone; four together open three times as many.
        escalated: escalations whose way to the agency is timed, alone and beside hanging servers.
        open_tickets: how many tickets are open when the list is looked at.
        looks: how often a list is looked at, at each size and in all turns together; likewise `flows`.
        interrupted: calls whose ticket is opened and escalated with every connection cut once.
        killed: how often triage is killed with commands in hand.
        rebuilds: how often statistics are built again, from the log of so many tickets.
        grown: how many tickets are in the store when queries and a call's flow are timed.
        flows: how many calls are carried through, one after the other, at each size.
        tenants: how many tenants are put in force beside those that are there.
        turns: how often that is measured which a ratio is claimed of: one process of triage and two, small stores and large.
    """

    opened: int
    escalated: int
    open_tickets: tuple[int, ...]
    looks: int
    interrupted: int
    killed: int
    rebuilds: int
    rebuilt_tickets: int
    grown: tuple[int, ...]
    flows: int
    tenants: int
    turns: int


EFFORTS = {
    FULL.name: Effort(100, 60, (100, 1_000, 10_000), 60, 40, 5, 5, 400, (1_000, 10_000), 20, 100, 5),
    QUICK.name: Effort(30, 16, (100, 1_000), 20, 12, 1, 2, 60, (1_000,), 8, 20, 2),
    SMOKE.name: Effort(3, 2, (100, 200), 3, 4, 1, 1, 5, (100, 200), 2, 5, 1),
}


def effort_of(size: Size) -> Effort:
    """Return what a size means here."""
    return EFFORTS[size.name]

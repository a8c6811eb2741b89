"""The promises that are tried here, one a file."""

from tests.faults.promises import (
    a_tenant_is_flooded,
    clocks_lie,
    disks_are_full,
    endpoints_lie,
    events_are_poisoned,
    events_come_again,
    everything_at_once,
    figures_reconcile,
    processes_are_paused,
    projections_are_rebuilt,
    replicas_come_and_go,
    services_are_killed,
    the_broker_is_away,
    the_brokers_log_is_lost,
    the_store_is_away,
    there_is_too_much_work,
)
from tests.faults.promises.promise import Promise

PROMISES: dict[int, Promise] = {
    one.number: one
    for one in (
        services_are_killed.PROMISE,
        the_brokers_log_is_lost.PROMISE,
        the_broker_is_away.PROMISE,
        the_store_is_away.PROMISE,
        processes_are_paused.PROMISE,
        events_come_again.PROMISE,
        figures_reconcile.PROMISE,
        there_is_too_much_work.PROMISE,
        a_tenant_is_flooded.PROMISE,
        replicas_come_and_go.PROMISE,
        events_are_poisoned.PROMISE,
        endpoints_lie.PROMISE,
        disks_are_full.PROMISE,
        clocks_lie.PROMISE,
        projections_are_rebuilt.PROMISE,
        everything_at_once.PROMISE,
    )
}
"""In the order in which they are tried: what would lose or double calls first, what is only late after it."""

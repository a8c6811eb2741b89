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
        processes_are_paused.PROMISE,
        the_broker_is_away.PROMISE,
        the_store_is_away.PROMISE,
        disks_are_full.PROMISE,
        clocks_lie.PROMISE,
        replicas_come_and_go.PROMISE,
        there_is_too_much_work.PROMISE,
        the_brokers_log_is_lost.PROMISE,
        events_come_again.PROMISE,
        projections_are_rebuilt.PROMISE,
        figures_reconcile.PROMISE,
        events_are_poisoned.PROMISE,
        a_tenant_is_flooded.PROMISE,
        endpoints_lie.PROMISE,
        everything_at_once.PROMISE,
    )
}

"""The promises that are tried here, one a file."""

from tests.faults.promises import (
    processes_are_paused,
    services_are_killed,
    the_broker_is_away,
    the_store_is_away,
)
from tests.faults.promises.promise import Promise

PROMISES: dict[int, Promise] = {
    one.number: one
    for one in (
        services_are_killed.PROMISE,
        processes_are_paused.PROMISE,
        the_broker_is_away.PROMISE,
        the_store_is_away.PROMISE,
    )
}

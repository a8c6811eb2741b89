"""8: events broken in thirty ways, and one that code raises on, beside good ones on the same partitions."""

from tests.faults.checks.poison import CHECKS
from tests.faults.letters import letters_are_opened, letters_are_taken_again
from tests.faults.poisoning import poison_is_put, refused_are_counted, the_door_is_poisoned
from tests.faults.promises.promise import Promise

PROMISE = Promise(
    8,
    "a poison event stops nobody",
    acts=(poison_is_put, the_door_is_poisoned),
    afterwards=(refused_are_counted, letters_are_opened, letters_are_taken_again),
    checks=CHECKS,
    quiet=40.0,
    length=90.0,
)
"""No process is touched, so there is no last fault from which a recovery would count."""

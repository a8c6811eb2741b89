"""11: the disks of intake's spool and of the store are full, then keep nothing that they take."""

from tests.faults.checks.disks import CHECKS
from tests.faults.disks import disks_fail, log_grows, logs_are_read, on_small_disks, some_ask_once
from tests.faults.promises.promise import Promise

PROMISE = Promise(
    11,
    "a full disk is told, not hidden",
    acts=(disks_fail, log_grows, some_ask_once),
    afterwards=(logs_are_read,),
    around=on_small_disks,
    checks=CHECKS,
    may_end=frozenset({"store"}),
    length=140.0,
    normal_again_within=60.0,
    calm=65.0,
)

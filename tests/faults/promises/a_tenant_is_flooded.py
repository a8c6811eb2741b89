"""9: five times what the machine carries comes to one tenant, from a few numbers; others go on as ever."""

from tests.faults.checks.flood import CHECKS
from tests.faults.flooding import calls_are_looked_for, flood, flood_is_noted
from tests.faults.promises.promise import Promise

PROMISE = Promise(
    9,
    "one tenant's flood is nobody else's problem",
    acts=(flood_is_noted, calls_are_looked_for),
    calls=flood,
    checks=CHECKS,
    share=5.0,
    quiet=30.0,
    calm=40.0,
    normal_again_within=30.0,
)
"""The demo's three tenants have two partitions each and share none (decision 12)."""

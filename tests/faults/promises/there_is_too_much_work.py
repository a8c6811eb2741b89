"""14: three times as many calls as the machine holds, for five minutes."""

from tests.faults.checks.overload import CHECKS, allowed_to_heal
from tests.faults.overload import TIMES_C, calm_ends_when_healed, too_many, too_many_call
from tests.faults.promises.promise import Promise

PROMISE = Promise(
    14,
    "three times too much work degrades, then heals",
    acts=(too_many_call, calm_ends_when_healed),
    calls=too_many,
    checks=CHECKS,
    share=TIMES_C,
    length=300.0,
    normal_again=allowed_to_heal,
    calm=30.0,
    calm_times=2.0,  # at most: what is left over, twice what was done in the storm, is done beside the calm's own fifth
)

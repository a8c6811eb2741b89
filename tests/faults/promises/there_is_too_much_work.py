"""14: three times as many calls as the machine holds, for five minutes."""

from tests.faults.checks.overload import CHECKS, allowed_to_heal
from tests.faults.overload import TIMES_C, too_many, too_many_call
from tests.faults.promises.promise import Promise

PROMISE = Promise(
    14,
    "three times too much work degrades, then heals",
    acts=(too_many_call,),
    calls=too_many,
    checks=CHECKS,
    share=TIMES_C,
    length=300.0,
    normal_again=allowed_to_heal,
    calm=30.0,
    calm_times=2.5,  # what is left over after it, twice what was done in it, is done beside the calm's own fifth
)

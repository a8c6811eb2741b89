"""10: replicas come and go every 10 s, a newer version among them, and then every service is started again."""

from tests.faults.checks.replicas import CHECKS
from tests.faults.promises.promise import Promise
from tests.faults.replicas import newer_field_is_read, replicas_come_and_go

PROMISE = Promise(
    10,
    "consumers may come and go",
    acts=(replicas_come_and_go,),
    afterwards=(newer_field_is_read,),
    checks=CHECKS,
    share=0.3,
    length=140.0,
)

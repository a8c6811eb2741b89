"""What means *away, try again*, and what will never work."""

import pytest
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure

from service_kit.transient import Away, is_transient

AWAY = (
    Away("the broker"),
    AutoReconnect("the store"),
    KafkaConnectionError("the broker"),
    TimeoutError(),
    ConnectionResetError(),
)
IN_TROUBLE = (
    OperationFailure("internal server error", 1),  # what both embedded stores say once their disk was full
    OperationFailure("unknown", 8),
    OperationFailure("out of disk space", 14031),
)
NEVER = (
    OperationFailure("cannot index this", 2),
    OperationFailure("not authorized", 13),
    DuplicateKeyError("again", 11000),
    ValueError("a bad record"),
)


@pytest.mark.parametrize("error", [*AWAY, *IN_TROUBLE], ids=repr)
def test_who_is_away_or_in_trouble_is_waited_for(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", NEVER, ids=repr)
def test_what_will_never_work_is_not_waited_for(error: Exception) -> None:
    assert not is_transient(error)

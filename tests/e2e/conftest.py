"""One run of everything, with the recorded hour gone through, for the tests that look at it."""

from collections.abc import Iterator

import pytest

from tests.e2e.foreseen import foresee_everything
from tests.e2e.system import System

pytest.register_assert_rewrite("tests.e2e.agreement")


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The running system after the recorded hour went through and all work was done."""
    system = System(tmp_path_factory.mktemp("replayed"))
    foresee_everything(system.home)
    try:
        system.start()
        system.wait_until_done()
        yield system
    finally:
        system.ensure_ended()

"""One run of everything, with the recorded hour gone through, for the tests that look at it."""

from collections.abc import Iterator

import pytest

from tests.e2e.system import System


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The running system after the recorded hour went through and all work was done."""
    system = System(tmp_path_factory.mktemp("replayed"))
    try:
        system.start()
        system.wait_until_done()
        yield system
    finally:
        system.ensure_ended()

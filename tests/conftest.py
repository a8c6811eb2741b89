"""The real broker and the real store, started once for all tests that need them.

`KAFKA_BOOTSTRAP` and `MONGO_URL` point the same tests at other servers, `SIAGA_TEST_SERVERS` at containers;
what `make run` runs (e2e) always starts its own.
"""

from collections.abc import Iterator

import pytest

from siaga_embedded.containers import servers_for_tests
from siaga_embedded.servers import Servers


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A real broker and a real store."""
    with servers_for_tests(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="session")
def kafka_bootstrap(servers: Servers) -> str:
    """The broker's address."""
    return servers.kafka_bootstrap


@pytest.fixture(scope="session")
def mongo_url(servers: Servers) -> str:
    """The store's address."""
    return servers.mongo_url

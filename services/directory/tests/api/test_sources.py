"""Where a log-in comes from, as failed ones are counted."""

import pytest
from fastapi import Request

from directory.api.tokens import source_of


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("unknown" * 20, ("unknown" * 20)[:64]),
        (None, ""),
    ],
)
def test_a_source_is_an_address_or_an_ipv6_network(host: str | None, source: str) -> None:
    client = None if host is None else (host, 4711)
    assert source_of(Request({"type": "http", "client": client, "headers": []})) == source

"""A changed tenant is in force in every running service within two seconds; nothing restarts."""

import time
import uuid
from typing import Any

import pytest

from tests.e2e.system import System

pytestmark = pytest.mark.e2e

TENANT = "53.04"
WITHIN_SECONDS = 2.0
Json = dict[str, Any]


def versions_of(system: System) -> dict[str, int]:
    """Return the version of the tenant that each service uses."""
    return {
        service: system.door.get(f"{address}/status").raise_for_status().json()["tenants"].get(TENANT, 0)
        for service, address in system.addresses.items()
    }


def apply(system: System, change: Json) -> int:
    """Apply the tenant with something changed, as its administrator; returns the new version."""
    address = f"{system.addresses['directory']}/v1/tenants/{TENANT}"
    bearer = {"Authorization": f"Bearer {system.token('admin', 'accounts/admin')}"}
    present = system.door.get(address, headers=bearer).raise_for_status()
    body = {**present.json()["configuration"], **change}
    headers = {**bearer, "Idempotency-Key": uuid.uuid4().hex, "If-Match": present.headers["ETag"]}
    return int(system.door.put(address, json=body, headers=headers).raise_for_status().json()["version"])


def test_a_changed_tenant_is_in_force_everywhere_within_two_seconds(replayed: System) -> None:
    before = versions_of(replayed)
    assert len(set(before.values())) == 1
    version = apply(replayed, {"name": f"Kabupaten Belu {uuid.uuid4().hex[:6]}"})
    applied = time.monotonic()
    while (now := versions_of(replayed)) != dict.fromkeys(before, version):
        assert time.monotonic() - applied < WITHIN_SECONDS, now
    assert version > max(before.values())

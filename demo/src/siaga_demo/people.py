"""Who plays in the demo: their accounts and where each one's password lies."""

from siaga_demo.doors import Credential

TENANTS = ("53.03", "53.71", "53.04")
TAKERS = {"53.03": 3, "53.71": 2, "53.04": 1}
SEED = "siaga"


def taker(tenant: str, number: int) -> Credential:
    """Return a call taker's credential; takers are counted from 0."""
    return _of(f"demo-taker-{tenant}-{number + 1}")


def supervisor(tenant: str) -> Credential:
    """Return the credential of a tenant's supervisor."""
    return _of(f"demo-supervisor-{tenant}")


def agency(tenant: str, name: str) -> Credential:
    """Return the credential of an agency's own system."""
    return _of(f"demo-agency-{tenant}-{name}")


def _of(account: str) -> Credential:
    return Credential(account, f"demo/{account}")

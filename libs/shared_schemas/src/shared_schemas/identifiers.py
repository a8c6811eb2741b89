"""Names of things: the same cause always makes the same identifier."""

from functools import lru_cache
from uuid import UUID, uuid5

NAMESPACE = UUID("6a0c0f0e-1120-5112-9112-000000000112")
"""The root of every derived identifier of this platform."""
NAMES_KEPT = 4_096
"""The newest names are asked for again and again: by each fact of a call, each event and each request."""


@lru_cache(maxsize=NAMES_KEPT)
def derived_id(tenant: str, *cause: str) -> str:
    """Return the UUIDv5 of a tenant and a cause, in canonical form.

    The same tenant and cause give the same identifier on every replica and at every repeat, so a
    document can be made twice without becoming two. Parts are joined by a character that no part
    may hold.

    Raises:
        ValueError: a part holds the separator U+001F.
    """
    parts = (tenant, *cause)
    if any("\x1f" in part for part in parts):
        message = "a part of an identifier may not hold the separator U+001F"
        raise ValueError(message)
    return str(uuid5(NAMESPACE, "\x1f".join(parts)))

"""The service's ears and mouth: how what it hears and says is written."""

HEARS: frozenset[str] = frozenset()
SAYS: frozenset[str] = frozenset({"call.received", "call.updated"})

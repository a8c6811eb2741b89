"""Whose tokens the bench carries: signed with the key of its own throw-away system."""

from datetime import timedelta

from service_kit.clock import utc_now
from service_kit.identity import Kind, Principal, Role, Signer
from service_kit.secrets import Secrets

GOOD_FOR = timedelta(hours=2)
ISSUER = AUDIENCE = "siaga112"


class Tokens:
    """Makes tokens as the directory would, without its passwords, which nothing here measures."""

    def __init__(self, secrets: Secrets) -> None:
        self._signer = Signer(secrets, issuer=ISSUER, audience=AUDIENCE)
        self._known: dict[Principal, str] = {}

    def taker(self, tenant: str) -> str:
        """Return a call taker's token."""
        return self._of(Principal("bench-taker", "Bench", Kind.ROBOT, frozenset({tenant}), _CALL_TAKER))

    def agency(self, tenant: str, agency: str) -> str:
        """Return an agency's token."""
        one = Principal(f"bench-{agency}", agency, Kind.AGENCY, frozenset({tenant}), _AGENCY, agency)
        return self._of(one)

    def operator(self) -> str:
        """Return the token of who keeps the platform running."""
        return self._of(Principal("bench-operator", "Bench", Kind.ROBOT, frozenset({"*"}), _OPERATOR))

    def reader(self, tenant: str) -> str:
        """Return the token of who may look at a tenant's everything."""
        return self._of(Principal("bench-reader", "Bench", Kind.ROBOT, frozenset({tenant}), _SUPERVISOR))

    def _of(self, principal: Principal) -> str:
        if principal not in self._known:
            self._known[principal] = self._signer.token(principal, utc_now(), GOOD_FOR)
        return self._known[principal]


_OPERATOR, _SUPERVISOR = frozenset({Role.PLATFORM_ADMIN}), frozenset({Role.SUPERVISOR})
_CALL_TAKER, _AGENCY = frozenset({Role.CALL_TAKER}), frozenset({Role.AGENCY})

"""Signed links that are each good for one reply of one delivery, for a day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from agency_notifier.application.ports import Clock, LinkBroken, Linked, LinkExpired, ReplyLinks
from agency_notifier.domain.delivery import Delivery
from service_kit.signing import LinkRefused, LinkSigner
from shared_schemas.vocabulary import ReplyKind

PURPOSE = "reply"


class SignedLinks(ReplyLinks):
    """Makes and reads reply links.

    A link names tenant, delivery and reply; task, agency and contact are the delivery's, so that the
    link stays short enough to survive a mail program.
    """

    def __init__(
        self,
        secrets: Callable[[], Sequence[bytes]],
        public_url: Callable[[], str],
        clock: Clock,
        *,
        life: timedelta,
    ) -> None:
        """`secrets` gives the one in force first, then older ones that still count."""
        self._secrets, self._public_url, self._clock, self._life = secrets, public_url, clock, life

    def of(self, delivery: Delivery) -> Mapping[ReplyKind, str]:
        """Return a link for each reply."""
        return {kind: f"{self._public_url()}/r/{self._token(delivery, kind)}" for kind in ReplyKind}

    def api_of(self, delivery: Delivery) -> str:
        """Return where a program posts its replies."""
        place = f"tickets/{delivery.ticket_id}/tasks/{delivery.task_id}/replies"
        return f"{self._public_url()}/v1/tenants/{delivery.tenant}/{place}"

    def read(self, token: str) -> Linked:
        """Return what a token says.

        Raises:
            LinkBroken, LinkExpired: it says nothing (any more).
        """
        try:
            claims = LinkSigner(*self._secrets()).read(token, PURPOSE, self._clock())
        except LinkRefused as error:
            raise (LinkExpired if error.reason == "expired" else LinkBroken) from error
        try:
            return Linked(claims["t"], claims["d"], ReplyKind(claims["r"]))
        except (KeyError, ValueError) as error:  # a link of a newer release
            raise LinkBroken from error

    def _token(self, delivery: Delivery, kind: ReplyKind) -> str:
        claims = {"t": delivery.tenant, "d": delivery.delivery_id, "r": kind.value}
        return LinkSigner(*self._secrets()).token(PURPOSE, claims, self._clock() + self._life)

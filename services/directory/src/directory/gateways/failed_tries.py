"""Failed log-ins in memory: bounded, each replica its own, forgotten at a restart."""

from collections import OrderedDict

from directory.application.ports import FailedTries
from directory.domain.tries import Tries

MOST = 10_000


class RememberedTries(FailedTries):
    """The latest accounts whose log-ins failed; of very many, those tried longest ago are forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[str, Tries] = OrderedDict()

    def get(self, account_id: str) -> Tries:
        """Return what is known of an account's failed log-ins."""
        return self._known.get(account_id, Tries())

    def put(self, account_id: str, tries: Tries) -> None:
        """Keep it; nothing failed is nothing to keep."""
        self._known.pop(account_id, None)
        if tries.failed:
            self._known[account_id] = tries
        while len(self._known) > self._most:
            self._known.popitem(last=False)

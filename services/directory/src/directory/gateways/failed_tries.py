"""Failed log-ins in memory: bounded, each replica its own, forgotten at a restart."""

from collections import OrderedDict

from directory.application.ports import FailedTries
from directory.domain.tries import Tries

MOST = 10_000


class RememberedTries(FailedTries):
    """The latest failed log-ins, and where good ones came from; of very many, the oldest are forgotten.

    The two are apart: anybody can make up names and fail, so that must not push out who once knew a password.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._failed: OrderedDict[tuple[str, str | None], Tries] = OrderedDict()
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()

    def get(self, account_id: str, source: str | None) -> Tries:
        """Return what is known of an account's failed log-ins from an address, or (None) from all strangers."""
        return self._failed.get((account_id, source), Tries())

    def put(self, account_id: str, source: str | None, tries: Tries) -> None:
        """Keep it; nothing failed is nothing to keep."""
        self._failed.pop((account_id, source), None)
        if tries.failed:
            self._failed[account_id, source] = tries
        while len(self._failed) > self._most:
            self._failed.popitem(last=False)

    def knows(self, account_id: str, source: str) -> bool:
        """Tell whether the account has logged in from this address."""
        return (account_id, source) in self._good

    def welcome(self, account_id: str, source: str) -> None:
        """Note a good log-in."""
        self._good.pop((account_id, source), None)
        self._good[account_id, source] = None
        while len(self._good) > self._most:
            self._good.popitem(last=False)

"""Who acts, by the directory's own record: a token tells how it was up to ten minutes ago."""

from directory.application.ports import AccountRecords
from service_kit.identity.grants import Principal


class PresentRights:
    """Looks up what a token's account is today."""

    def __init__(self, accounts: AccountRecords) -> None:
        self._accounts = accounts

    async def __call__(self, who: Principal) -> Principal | None:
        """Return who they are now; None for a disabled account, whose token proves nobody here any more.

        Accounts are never removed. A subject that is not in the record was named by the operator, who alone
        holds the signing key: the token's word stands.
        """
        kept = await self._accounts.get(who.subject)
        if kept is None:
            return who
        return None if kept.state.disabled else kept.state.principal()

"""Open the door for the first time: an administrator whose password only the machine's owner can read."""

from functools import partial

from directory.application.ports import AccountRecords, Deed, Passwords, Trail
from directory.domain.account import Description, create, described
from service_kit.decisions import Command
from service_kit.identity.grants import ANYWHERE, Kind, Role

FIRST_ACCOUNT = "admin"
BY = "directory"


class EnsureFirstAccount:
    """Makes the first platform administrator where there is none of that id yet."""

    def __init__(self, accounts: AccountRecords, passwords: Passwords, trail: Trail) -> None:
        self._accounts, self._passwords, self._trail = accounts, passwords, trail

    async def __call__(self, password: str, command: Command) -> bool:
        """Return whether the account had to be made."""
        if await self._accounts.get(FIRST_ACCOUNT) is not None:
            return False
        description = Description(
            "Administrator", Kind.PERSON, frozenset({ANYWHERE}), frozenset({Role.PLATFORM_ADMIN})
        )
        hashed = await self._passwords.hash(password)
        new = described(FIRST_ACCOUNT, description, password_hash=hashed, at=command.at)
        deed = Deed("account.created", BY, ANYWHERE, f"account/{FIRST_ACCOUNT}", {"first": True})
        await self._trail.record(deed, command.at)
        await self._accounts.change(FIRST_ACCOUNT, partial(create, new=new), command)
        return True

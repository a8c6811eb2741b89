"""The doorway to a service's dead letters: list, take again, discard."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from aiokafka import ConsumerRecord
from fastapi import APIRouter, Depends

from service_kit.deadletters import WAITING, DeadLetter, DeadLetters
from service_kit.event import EventUnreadable
from service_kit.http.access import GrantedSomewhere
from service_kit.http.commands import Commanded
from service_kit.http.problems import Problem, unknown
from service_kit.identity import ANYWHERE, Action, Principal, allowed
from service_kit.transient import is_transient

Reader = Annotated[Principal, Depends(GrantedSomewhere(Action.READ_DEADLETTERS))]
Keeper = Annotated[Principal, Depends(GrantedSomewhere(Action.MANAGE_DEADLETTERS))]


@dataclass(frozen=True, slots=True)
class Letters:
    """Some of a service's dead letters."""

    items: list[DeadLetter]


def router(letters: DeadLetters, handle: Callable[[ConsumerRecord], Awaitable[None]]) -> APIRouter:
    """Return the doorways; `handle` takes one record as the listener would."""
    doors = APIRouter(prefix="/v1/deadletters", tags=["dead letters"])

    @doors.get("")
    async def list_letters(who: Reader, status: str = WAITING, limit: int = 100) -> Letters:
        """List letters of one state, without their content; those of one's own tenants."""
        everything = allowed(who, Action.READ_DEADLETTERS, ANYWHERE)
        tenants = None if everything else sorted(who.tenants)
        return Letters(await letters.list(status=status, limit=min(max(limit, 1), 500), tenants=tenants))

    @doors.get("/{letter}")
    async def show_letter(letter: str, who: Reader) -> DeadLetter:
        """Show one letter: where it came from and why it is here."""
        return await _known(letters, letter, who, Action.READ_DEADLETTERS)

    @doors.post("/{letter}/redrive")
    async def redrive(letter: str, who: Keeper, command: Commanded) -> DeadLetter:  # noqa: ARG001 - the key is required
        """Handle a letter again; a repeat changes nothing."""
        found = await _known(letters, letter, who, Action.MANAGE_DEADLETTERS)
        try:
            return await letters.redrive(letter, handle, by=who.subject) or found
        except Exception as error:
            if is_transient(error):
                raise
            reason = str(error) if isinstance(error, EventUnreadable) else type(error).__name__
            detail = f"It failed again and goes on waiting: {reason}."
            raise Problem(HTTPStatus.CONFLICT, "failed_again", detail) from error

    @doors.post("/{letter}/discard")
    async def discard(letter: str, who: Keeper, command: Commanded) -> DeadLetter:  # noqa: ARG001 - the key is required
        """Take a letter off the list."""
        found = await _known(letters, letter, who, Action.MANAGE_DEADLETTERS)
        return await letters.discard(letter, by=who.subject) or found

    return doors


async def _known(letters: DeadLetters, letter: str, who: Principal, action: Action) -> DeadLetter:
    """Return a letter that this person may see; one of a foreign tenant looks like an unknown one."""
    found = await letters.get(letter)
    if found is None or not (allowed(who, action, found.tenant) or allowed(who, action, ANYWHERE)):
        raise unknown("dead letter")
    return found

"""The doorway to a service's dead letters: list, take again, discard."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from aiokafka import ConsumerRecord
from fastapi import APIRouter, Depends

from service_kit.deadletters import WAITING, DeadLetter, DeadLetters
from service_kit.event import EventUnreadable
from service_kit.http.access import granted
from service_kit.http.commands import Commanded
from service_kit.http.problems import Problem, unknown
from service_kit.identity import Action, Principal
from service_kit.transient import is_transient

Reader = Annotated[Principal, Depends(granted(Action.READ_DEADLETTERS))]
Keeper = Annotated[Principal, Depends(granted(Action.MANAGE_DEADLETTERS))]


@dataclass(frozen=True, slots=True)
class Letters:
    """Some of a service's dead letters."""

    items: list[DeadLetter]


def router(letters: DeadLetters, handle: Callable[[ConsumerRecord], Awaitable[None]]) -> APIRouter:
    """Return the doorways; `handle` takes one record as the listener would."""
    doors = APIRouter(prefix="/v1/deadletters", tags=["dead letters"])

    @doors.get("")
    async def list_letters(_: Reader, status: str = WAITING, limit: int = 100) -> Letters:
        """List letters of one state, without their content."""
        return Letters(await letters.list(status=status, limit=min(max(limit, 1), 500)))

    @doors.get("/{letter}")
    async def show_letter(letter: str, _: Reader) -> DeadLetter:
        """Show one letter: where it came from and why it is here."""
        return _known(await letters.get(letter))

    @doors.post("/{letter}/redrive")
    async def redrive(letter: str, who: Keeper, command: Commanded) -> DeadLetter:  # noqa: ARG001 - the key is required
        """Handle a letter again; a repeat changes nothing."""
        try:
            return _known(await letters.redrive(letter, handle, by=who.subject))
        except Exception as error:
            if is_transient(error):
                raise
            reason = str(error) if isinstance(error, EventUnreadable) else type(error).__name__
            detail = f"It failed again and goes on waiting: {reason}."
            raise Problem(HTTPStatus.CONFLICT, "failed_again", detail) from error

    @doors.post("/{letter}/discard")
    async def discard(letter: str, who: Keeper, command: Commanded) -> DeadLetter:  # noqa: ARG001 - the key is required
        """Take a letter off the list."""
        return _known(await letters.discard(letter, by=who.subject))

    return doors


def _known(letter: DeadLetter | None) -> DeadLetter:
    if letter is None:
        raise unknown("dead letter")
    return letter

"""People and robots: they ask by the services' doors, and insist with the same key until they are answered."""

import math
import random
from collections.abc import Callable, Coroutine
from typing import Any

from agency_notifier.gateways.address_book import TenantNotKnown
from intake.application.ports import CallsAway, SpoolUnwritable
from service_kit.decisions import Command
from service_kit.reading import each_document_once
from service_kit.transient import is_transient
from tests.simulation.process import Unreachable, asked
from tests.simulation.server import Server
from tests.simulation.town import Town

Work = Callable[[Any, Any], Coroutine[Any, Any, Any]]
"""What to do with a service's doors; the second is the server's clock."""


class Person:
    """Somebody with a name, a tenant and habits that the seed gives."""

    def __init__(self, town: Town, tenant: str, name: str) -> None:
        self.town, self.tenant, self.name = town, tenant, name
        self.chance = random.Random(f"{town.seed}/{name}")
        self._said = 0

    async def insist(self, server: Server, work: Work, *, tries: float = math.inf) -> Any:
        """Ask until there is an answer, or so often, then nobody knows; the same may be done twice."""
        asked_before = 0
        while asked_before < tries:
            asked_before += 1
            try:
                return await self._ask(server, work)
            except Exception as error:  # an answer of 5xx: the person tries again
                if not _is_a_matter_of_patience(error):
                    self.town.blame(f"{server.name} answered {self.name} with {error!r}")
                    raise
            await self.pause(0.5, 4)
        self.note("gives up")
        return None

    async def _ask(self, server: Server, work: Work) -> Any:
        life, doors = server.life, server.doors
        if life is None or doors is None:
            raise Unreachable
        lost = self.town.faults.answer_lost()

        async def serve() -> Any:
            """As `service_kit.http.app` does: one request reads each document once."""
            with each_document_once():
                return await work(doors, life.clock)

        return await asked(life, serve, lost=lost)

    def command(self, at: Any, key: str, reason: str = "") -> Command:
        """Return what this person asks with a key of its own."""
        return Command(key=f"{self.name}/{key}", by=self.name, at=at, reason=reason, fingerprint=key)

    def key(self) -> str:
        """Return a key that this person never used."""
        self._said += 1
        return str(self._said)

    async def pause(self, least: float, most: float) -> None:
        """Take one's time."""
        await self.town.sleep(self.chance.uniform(least, most))

    def note(self, what: str, *about: Any) -> None:
        """Tell the story what this person did."""
        self.town.story.note(self.name, what, *about)


def _is_a_matter_of_patience(error: Exception) -> bool:
    patient = (Unreachable, CallsAway, SpoolUnwritable, TenantNotKnown)
    return isinstance(error, patient) or is_transient(error)

"""The agencies' own systems: what arrives there, what they answer, and who then hears of it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agency_notifier.application.notice import Notice
from agency_notifier.application.ports import Answer, Outbound
from agency_notifier.domain.delivery import Fate
from shared_schemas.vocabulary import ContactChannel
from tests.simulation.faults import Faults
from tests.simulation.process import Life
from tests.simulation.story import Story

ANSWERS: Mapping[str, Answer] = {
    "fine": Answer(Fate.DELIVERED, "200", healthy=True),
    "error": Answer(Fate.AGAIN, "500", healthy=False),
    "gone": Answer(Fate.GONE, "410", healthy=True),
}
SILENT = Answer(Fate.AGAIN, "timeout", healthy=False)


class NoAnswer(Exception):
    """The endpoint did not answer; it may have received the message."""


@dataclass(frozen=True, slots=True)
class Request:
    """One message as an agency's system received it."""

    tenant: str
    task_id: str
    delivery_id: str
    address: str


@dataclass
class Endpoints:
    """All endpoints of all agencies.

    Attributes:
        received: everything that arrived, in its order.
        always: what every endpoint answers, where that is settled.
        told: who is called when a message arrived for the first time.
    """

    faults: Faults
    story: Story
    chance: random.Random
    told: Callable[[Notice], None]
    checked: Callable[[Notice, str], None]
    received: list[Request] = field(default_factory=list)
    always: str = ""
    _characters: dict[str, str] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def way_out(self, life: Life, channel: ContactChannel) -> Outbound:
        """Return the way to the endpoints for one life of the notifier."""
        return _WayOut(self, life, channel)

    def take(self, notice: Notice, address: str, channel: ContactChannel) -> Answer:
        """Receive one message."""
        self.checked(notice, address)
        self.received.append(Request(notice.tenant, notice.task_id, notice.delivery_id, address))
        answer = ANSWERS[self._mood(address)]
        self.story.note(
            "endpoint", "{} {} answers {} to {}", channel, address, answer.text, notice.delivery_id[:8]
        )
        if answer.fate is Fate.DELIVERED and notice.delivery_id not in self._known:
            self._known.add(notice.delivery_id)
            self.told(notice)
        return answer

    def _mood(self, address: str) -> str:
        """Most endpoints are fine, some fail now and then, one in many is gone; all are fine in the end."""
        if self.always or self.faults.ceased:
            return self.always or "fine"
        character = self._characters.setdefault(
            address, self.chance.choices(("fine", "flaky", "gone"), (80, 17, 3))[0]
        )
        if character == "flaky":
            return "error" if self.chance.random() < 0.5 else "fine"
        return character


class _WayOut(Outbound):
    def __init__(self, endpoints: Endpoints, life: Life, channel: ContactChannel) -> None:
        self._endpoints, self._life, self._channel = endpoints, life, channel

    async def send(self, notice: Notice, address: str) -> Answer:
        """Make one try; whatever goes wrong is an answer."""
        try:
            return await self._life.act(
                f"ask {notice.agency}",
                lambda: self._endpoints.take(notice, address, self._channel),
                NoAnswer,
            )
        except NoAnswer:
            return SILENT

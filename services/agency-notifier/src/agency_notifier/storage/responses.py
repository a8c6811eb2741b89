"""The newest state heard of each response; it is dispatch's, so it is never told from here."""

from pydantic import BaseModel

from agency_notifier import contracts
from agency_notifier.application.ports import Responses
from agency_notifier.domain.response import Response
from service_kit.decisions import Changed, Heard, Saved
from service_kit.store import Aggregate, AggregateStore


class NotOursToTell(RuntimeError):
    """A response was about to be told; dispatch owns it."""


def _never_told(*_: object) -> BaseModel:
    raise NotOursToTell("responses are told by dispatch")


RESPONSES: Aggregate[Response] = Aggregate(
    collection="responses",
    state_type=Response,
    source=contracts.SOURCE,
    kind="response",
    key=lambda response: response.ticket_id,
    body=_never_told,
    finished=lambda _: True,
)


class MongoResponses(Responses):
    """Responses in the store, by ticket."""

    def __init__(self, store: AggregateStore[Response]) -> None:
        """Use the service's store."""
        self._store = store

    async def get(self, tenant: str, ticket_id: str) -> Response | None:
        """Return the newest state heard."""
        kept = await self._store.get(tenant, ticket_id)
        return None if kept is None else kept.state

    async def hear(self, response: Response, heard: Heard) -> Response:
        """Keep this state if it is newer than the kept one; return the newest."""

        def keep(_: Response | None) -> Changed[Response]:
            return Changed(response, "response.heard", None)

        kept = await self._store.change(response.tenant, response.ticket_id, keep, heard=heard)
        return kept.state if isinstance(kept, Saved) else response

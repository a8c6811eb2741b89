"""The last shift: people finish what only people can, so that nothing stays open for want of a word."""

from shared_schemas.vocabulary import Classification, Disposition
from tests.simulation.agencies import Supervisor
from tests.simulation.queries import Document
from tests.simulation.takers import Taker
from tests.simulation.world import World


async def close_everything(world: World) -> None:
    """Look once at everything that waits for a person, and act on it."""
    for call in _all(world, "triage", "desk_calls"):
        if call["view"] == "unclassified":
            await _taker(world, call).do(
                "classify", call["_id"], Classification.INFORMATION, reason="at last"
            )
    for ticket in _all(world, "triage", "tickets"):
        if ticket["status"] == "open":
            await _taker(world, ticket).do("close", ticket["_id"], Disposition.CANCELLED, reason="at last")
    for response in _all(world, "dispatch", "responses"):
        if response["status"] == "needs_supervisor":
            supervisor = Supervisor(
                world, response["tenant"], f"last/{response['_id'][:8]}/{response['version']}"
            )
            await supervisor.settle(response["_id"])


def _taker(world: World, document: Document) -> Taker:
    return Taker(world, document["tenant"], f"last/{document['_id'][:8]}/{document['version']}")


def _all(world: World, service: str, collection: str) -> list[Document]:
    return list(world.disks[service].collection(collection).everything())

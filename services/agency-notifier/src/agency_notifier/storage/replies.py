"""What agencies said, in the store."""

from agency_notifier import contracts
from agency_notifier.application.ports import Replies
from agency_notifier.domain.reply import AgencyReply
from service_kit.decisions import Command, Conflict, Decide, KeyReused, Refusal, Saved
from service_kit.store import Aggregate, AggregateStore

REPLIES: Aggregate[AgencyReply] = Aggregate(
    collection="replies",
    state_type=AgencyReply,
    source=contracts.SOURCE,
    kind="reply",
    key=lambda reply: reply.ticket_id,
    body=contracts.agency_replied,
    finished=lambda _: True,
)


class MongoReplies(Replies):
    """Replies in the store."""

    def __init__(self, store: AggregateStore[AgencyReply]) -> None:
        """Use the service's store."""
        self._store = store

    async def change(
        self, tenant: str, reply_id: str, decide: Decide[AgencyReply, Refusal], command: Command
    ) -> Saved[AgencyReply] | Conflict[AgencyReply] | KeyReused | Refusal:
        """Save what is decided, once for each command."""
        return await self._store.change(tenant, reply_id, decide, command=command)

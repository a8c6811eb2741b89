"""A call taker names what a call was."""

from functools import partial

from service_kit.decisions import Command, Conflict, KeyReused, NotPossible, Saved, Unknown
from shared_schemas.vocabulary import Classification
from triage.application.ports import DeskCalls
from triage.domain.desk_call import DeskCall, classify


class ClassifyCall:
    """Labels an answered call, or changes the label for a reason."""

    def __init__(self, calls: DeskCalls) -> None:
        self._calls = calls

    async def __call__(
        self, tenant: str, call_id: str, as_: Classification, command: Command
    ) -> Saved[DeskCall] | Conflict[DeskCall] | KeyReused | NotPossible | Unknown:
        """Save the label."""
        decide = partial(classify, as_=as_, by=command.by, at=command.at, reason=command.reason)
        return await self._calls.change(tenant, call_id, decide, command=command)

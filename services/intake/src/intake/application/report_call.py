"""A person reports a contact that no exchange saw: by radio, at the counter, on their own telephone."""

from dataclasses import dataclass, field
from datetime import datetime

from intake.application.ports import Arrival
from intake.application.take_facts import TakeFacts
from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told, Witness
from service_kit.decisions import Command
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import Channel

TRUNK = "laporan"
"""The trunk of everything that people type in."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a person typed."""

    tenant: str
    channel: Channel
    occurred_at: datetime
    caller: Caller = field(repr=False)


class ReportCall:
    """Keep a report as a call that was answered by who reports it."""

    def __init__(self, take: TakeFacts) -> None:
        """Keep its facts through this."""
        self._take = take

    async def __call__(self, report: Report, command: Command) -> CallKey:
        """Keep a report; the same command again is the same call.

        The same key with other words is another call: nobody's report is swallowed for a key used twice.

        Raises:
            SpoolUnwritable: nothing was kept; send it again.
        """
        key = CallKey(report.tenant, TRUNK, _cause(report, command))
        told = [
            Told(_fact(key, FactKind.ANSWERED, report, command), report.caller),
            Told(_fact(key, FactKind.ENDED, report, command)),
        ]
        await self._take(Arrival(source=f"report/{report.tenant}", told=told))
        return key


def _cause(report: Report, command: Command) -> str:
    key = command.key.replace("\x1f", "\\x1f")  # the separator of an id's parts
    return derived_id(report.tenant, "report", key, command.fingerprint)


def _fact(key: CallKey, kind: FactKind, report: Report, command: Command) -> Fact:
    return Fact(
        id=Fact.identify(key, kind, Witness.REPORT),
        call=key,
        kind=kind,
        witness=Witness.REPORT,
        occurred_at=report.occurred_at,
        recorded_at=command.at,
        agent=command.by,
        channel=report.channel,
    )

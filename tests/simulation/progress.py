"""What a group has committed it has done: every event before its place was handled, or a newer one of its subject."""

from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import ConsumerRecord

from service_kit.event import Event
from service_kit.listener import Handle


class Progress:
    """Follows what each group has handled; `blame` is told of each commit that goes past something."""

    def __init__(self, blame: Callable[[str], None]) -> None:
        self._blame = blame
        self._newest: dict[tuple[str, str, str], int] = {}

    def noting(self, group: str, handle: Handle) -> Handle:
        """Return the handler, followed: what it raises at, or dies in, is not handled."""

        async def handle_and_note(event: Event[Any]) -> None:
            await handle(event)
            one = event.envelope
            name = (group, one.source, one.subject)
            self._newest[name] = max(one.sequence, self._newest.get(name, 0))

        return handle_and_note

    def committed(self, group: str, records: Sequence[ConsumerRecord]) -> None:
        """Look at what a group has now left behind it."""
        for record in records:
            headers = dict(record.headers)
            source, subject = headers["ce_source"].decode(), headers["ce_subject"].decode()
            if self._newest.get((group, source, subject), 0) < int(headers["ce_sequence"]):
                self._blame(
                    f"{group} committed past {record.topic} {headers['ce_id'].decode()}, which it has not handled"
                )

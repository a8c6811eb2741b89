"""From a decided response to what is saved, told and written into its timeline."""

from dataclasses import dataclass

from dispatch.domain import news
from dispatch.domain.response import Response
from service_kit.decisions import Changed

TICKET_CLOSED = "ticket.closed"


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """What was heard, or the hour that came, changes nothing here."""


def changed(old: Response | None, new: Response, *, what: str, why: str = "") -> Changed[Response]:
    """Return what to save: the topic follows from what is new, and an ended round is told as closed."""
    words = "; ".join([part for part in (why, *news.told(old, new)) if part])
    also = (TICKET_CLOSED,) if news.has_closed(old, new) else ()
    return Changed(new, what, news.topic(old, new), why=words, also=also)

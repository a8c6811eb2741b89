"""One command reads each document once: what its doorway saw, or it saved itself, it goes on from.

That it still holds is proved by the version in the next write: a lost race reads anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from service_kit.documents import Collection, Document

Name = tuple[Collection, str, str]
"""Collection, tenant and id of a document."""


@dataclass(slots=True)
class Seen:
    """The documents of one command as it saw them last; None where there was none."""

    documents: dict[Name, Document | None] = field(default_factory=dict)
    over: bool = False


_SEEN: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def each_document_once() -> Iterator[None]:
    """Remember documents for the length of a block; tasks that outlive it forget them with it."""
    seen = Seen()
    token = _SEEN.set(seen)
    try:
        yield
    finally:
        seen.over = True
        seen.documents.clear()
        _SEEN.reset(token)


def seen() -> dict[Name, Document | None] | None:
    """Return what the running command saw so far, to look into and to add to; None outside of one."""
    here = _SEEN.get()
    return None if here is None or here.over else here.documents

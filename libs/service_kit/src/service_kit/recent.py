"""What this process saved last: the next change of the same aggregate need not read it again.

Only a decision that is then saved may rest on it, because the version in that write proves that it still
held; what ends in a refusal, or was heard before, is looked up in the store first.
"""

from collections import OrderedDict

from service_kit.documents import Document

MOST = 256


class Recent:
    """The newest documents of one collection as they were written; a few, the oldest leave first."""

    def __init__(self, *, most: int = MOST) -> None:
        """Remember at most so many."""
        self._most = most
        self._documents: OrderedDict[tuple[str, str], Document] = OrderedDict()

    def take(self, tenant: str, document_id: str) -> Document | None:
        """Return a document, and forget it: who takes it either saves a newer one or was not sure of it."""
        return self._documents.pop((tenant, document_id), None)

    def keep(self, document: Document) -> None:
        """Remember a document that was just written."""
        self._documents[document["tenant"], document["_id"]] = document
        if len(self._documents) > self._most:
            self._documents.popitem(last=False)

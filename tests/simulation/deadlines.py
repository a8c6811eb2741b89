"""Whatever is not at its end has a time at which somebody looks at it again; else it waits for ever."""

from collections.abc import Callable, Mapping

from tests.simulation.queries import Document

OPEN_END = "the call is not over"


def lacks_deadline(collection: str, document: Document) -> str:
    """Say what is open in a document that no deadline belongs to; nothing where all is well."""
    open_ends = _OPEN_ENDS.get(collection)
    if open_ends is None or document.get("next_due_at") is not None:
        return ""
    return open_ends(document)


def _call(document: Document) -> str:
    return "" if document["over"] else "the call is not over"


def _desk_call(document: Document) -> str:
    state = document["state"]
    if state["link"] is not None:
        return f"the ticket has not followed ({state['link']['kind']})"
    unclassified = document["view"] == "unclassified" and state["overdue_since"] is None
    return "the call lacks its class" if unclassified else ""


def _response(document: Document) -> str:
    state = document["state"]
    if "brief" not in state or state["brief"] is None or state.get("status") == "ended":
        return ""
    return f"the response is {state.get('status')}" if "status" in state else ""


def _delivery(document: Document) -> str:
    return "the delivery waits" if document["state"]["status"] == "waiting" else ""


_OPEN_ENDS: Mapping[str, Callable[[Document], str]] = {
    "calls": _call,
    "desk_calls": _desk_call,
    "responses": _response,
    "deliveries": _delivery,
}

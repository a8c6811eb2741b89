"""Whatever is not at its end has a time at which somebody looks at it again; else it waits for ever."""

from collections.abc import Callable, Mapping
from datetime import datetime

from shared_schemas.vocabulary import TaskStatus
from tests.simulation.queries import Document


def lacks_deadline(collection: str, document: Document) -> str:
    """Say what is open in a document that no deadline belongs to; nothing where all is well."""
    open_ends = _OPEN_ENDS.get(collection)
    return open_ends(document) if open_ends is not None else ""


def _call(document: Document) -> str:
    return "" if document["over"] or _is_due(document) else "the call is not over"


def _desk_call(document: Document) -> str:
    if _is_due(document):
        return ""
    state = document["state"]
    if state["link"] is not None:
        return f"the ticket has not followed ({state['link']['kind']})"
    unclassified = document["view"] == "unclassified" and state["overdue_since"] is None
    return "the call lacks its class" if unclassified else ""


def _response(document: Document) -> str:
    """Look at each open task, too: the document's time is one for all, and may be another task's."""
    state = document["state"]
    if "status" not in state or state["brief"] is None or state["status"] == "ended":
        return ""
    if not _is_due(document):
        return f"the response is {state['status']}"
    for task in state["tasks"]:
        if not TaskStatus(task["status"]).is_final and not _is_looked_at(task, document):
            return f"the task of {task['agency']} is {task['status']} (due {task['due_at']})"
    return ""


def _is_looked_at(task: Document, document: Document) -> bool:
    """Whether the response is looked at when the task is due; what has run over is the supervisor's."""
    if task["due_at"] is None:
        return False
    if _has_run_over(task):
        return bool(document["state"]["status"] == "needs_supervisor")
    return bool(document["next_due_at"] <= datetime.fromisoformat(task["due_at"]))


def _has_run_over(task: Document) -> bool:
    late = "completion_overdue_at" if task["status"] == "on_scene" else "arrival_overdue_at"
    return task["status"] != "offered" and task[late] is not None


def _delivery(document: Document) -> str:
    waits = document["state"]["status"] == "waiting" and not _is_due(document)
    return "the delivery waits" if waits else ""


def _is_due(document: Document) -> bool:
    return document.get("next_due_at") is not None


_OPEN_ENDS: Mapping[str, Callable[[Document], str]] = {
    "calls": _call,
    "desk_calls": _desk_call,
    "responses": _response,
    "deliveries": _delivery,
}

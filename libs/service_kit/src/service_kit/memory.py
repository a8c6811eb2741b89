"""What a document remembers beside its state: what was heard, which commands were taken, and its timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service_kit.decisions import Changed, Command, Heard
from service_kit.documents import Document
from service_kit.telemetry import trace_id_of, traceparent

COMMANDS_KEPT = 32
TIMELINE_KEPT = 1_000
HEARD_KEPT = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an aggregate's timeline."""

    version: int
    at: datetime
    what: str
    by: str
    why: str = ""
    occurred_at: datetime | None = None
    trace_id: str = ""


def heard_of(raw: Document) -> dict[str, int]:
    """Return what was heard; kept as pairs because subjects hold characters that keys may not."""
    return {entry["about"]: entry["sequence"] for entry in raw.get("heard", ())}


def note_heard(document: Document, old: Document, heard: Heard | None) -> None:
    """Note the newest sequence of a subject; the longest unheard subjects leave past a bound."""
    already = heard_of(old)
    if heard is not None:
        already.pop(heard.about, None)
        already[heard.about] = heard.sequence
    newest = list(already.items())[-HEARD_KEPT:]
    document["heard"] = [{"about": about, "sequence": sequence} for about, sequence in newest]


def note_command(document: Document, old: Document, command: Command | None) -> None:
    """Note a command's key, so that its repeat is dull; the oldest keys leave past a bound."""
    earlier = list(old.get("commands", ()))
    if command is not None:
        earlier.append({"key": command.key, "fingerprint": command.fingerprint})
    document["commands"] = earlier[-COMMANDS_KEPT:]


def note_step(
    document: Document,
    old: Document,
    decided: Changed[Any],
    command: Command | None,
    heard: Heard | None,
    version: int,
    now: datetime,
) -> None:
    """Add a line to the timeline: who or what changed the aggregate, when by both clocks, and why."""
    earlier = list(old.get("timeline", ()))
    occurred = command.occurred_at if command else (heard.at if heard else None)
    line = {
        "version": version,
        "at": now,
        "what": decided.what,
        "by": command.by if command else (heard.source if heard else "clock"),
        "why": (command.reason if command else "") or decided.why,
        "occurred_at": occurred,
        "trace_id": trace_id_of(traceparent()),
    }
    document["timeline"] = [*earlier, line][-TIMELINE_KEPT:]


def read_step(line: Document) -> Step:
    """Read a line of a kept timeline."""
    return Step(
        version=line["version"],
        at=line["at"],
        what=line["what"],
        by=line["by"],
        why=line.get("why") or "",
        occurred_at=line.get("occurred_at"),
        trace_id=line.get("trace_id") or "",
    )

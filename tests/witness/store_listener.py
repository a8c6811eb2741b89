"""Turns a command as the driver sends it into its kind: concerns, and forms of writes, without values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tests.witness.deeds import Command, Form
from tests.witness.hearing import asker
from tests.witness.notes import Notes


class StoreListener(CommandListener):
    """Notes every command that is started; how it ends is the program's own matter."""

    def __init__(self, notes: Notes) -> None:
        """Note into these."""
        self._notes = notes

    def started(self, event: CommandStartedEvent) -> None:
        """Note a command."""
        self._notes.add(command_of(event.command_name, event.command, asker(), event.database_name))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to note."""


def command_of(name: str, command: Mapping[str, Any], by: str, database: str) -> Command:
    """Return what kind of command this is."""
    concern = command.get("writeConcern") or {}
    collection = command.get(name)
    return Command(
        by=by,
        name=name,
        database=database,
        collection=collection if isinstance(collection, str) else "",
        w=concern.get("w"),
        journal=concern.get("j"),
        read_concern=(command.get("readConcern") or {}).get("level"),
        preference=(command.get("$readPreference") or {}).get("mode", "primary"),
        marks=tuple(sorted(_marks(command))),
        forms=tuple(sorted(set(_forms(command)), key=repr)),
    )


def _marks(command: Mapping[str, Any]) -> Iterator[str]:
    """Tell what makes a command another thing than its name says."""
    if "startTransaction" in command or "autocommit" in command:
        yield "transaction"
    for stage in command.get("pipeline", ()):
        yield from (word for word in stage if word in {"$changeStream", "$out", "$merge"})
    if any("expireAfterSeconds" in index for index in command.get("indexes", ())):
        yield "expireAfterSeconds"


def _forms(command: Mapping[str, Any]) -> Iterator[Form]:
    for document in command.get("documents", ()):
        given = not isinstance(document.get("_id"), ObjectId | None)
        yield Form(("_id",) if given else (), ("insert",))
    for one in command.get("updates", ()):
        yield _update(one["q"], one["u"], many=bool(one.get("multi")))
    for one in command.get("deletes", ()):
        yield Form(_names(one["q"]), ("delete",), many=one["limit"] != 1)


def _update(query: Mapping[str, Any], change: Mapping[str, Any] | Sequence[Any], *, many: bool) -> Form:
    if not isinstance(change, Mapping):
        return Form(_names(query), ("pipeline",), many=many)
    operators = tuple(sorted(name for name in change if name.startswith("$")))
    if not operators:
        return Form(_names(query), ("replace",), _names(change), many)
    fields = {field for operator in operators for field in _names(change[operator])}
    return Form(_names(query), operators, tuple(sorted(fields)), many)


def _names(document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({name.partition(".")[0] for name in document}))

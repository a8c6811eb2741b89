"""What is weak about a command to the store: each rule with the decision it comes from (docs/architecture.md). Pure."""

from collections.abc import Iterator

from tests.witness.deeds import Command, Form

READS = frozenset("find aggregate count distinct".split())
WRITES = frozenset("insert update delete create createIndexes drop".split())
WITHOUT_CONCERN = {
    "hello": "asks a server what it is",
    "serverStatus": "asks a server what it counted",
    "isMaster": "the older word for hello",
    "ping": "asks nothing",
    "endSessions": "says good-bye",
    "killCursors": "gives up reading",
    "getMore": "goes on with a read that was judged when it began",
    "listCollections": "asks for names",
    "listDatabases": "asks for names",
    "replSetGetConfig": "one machine's `mongod` is made a replica set before anybody writes",
    "replSetInitiate": "as above",
    "replSetReconfig": "as above",
}
"""Commands that neither read nor write documents, and why each may be asked."""

DULL_TWICE = frozenset("insert replace delete $set $unset $pull $setOnInsert $max $min $addToSet".split())
THE_OWNER_READS = frozenset({"primary", "primaryPreferred"})
"""PyMongo itself says primaryPreferred to a single server that was named alone."""


def weaknesses(command: Command) -> Iterator[str]:
    """Tell in half sentences what is weak about a command; nothing where it is as decided."""
    yield from _kind(command)
    if command.name in WRITES:
        yield from _write(command)
        for form in command.forms:
            yield from _form(form)
    if command.name in READS:
        yield from _read(command)


def _kind(command: Command) -> Iterator[str]:
    if command.name == "findAndModify":
        yield "hides the decision and scans; load, decide, replace by `_id` and version (A6)"
    elif command.name not in READS | WRITES and command.name not in WITHOUT_CONCERN:
        yield "is not known to the rules: say there what it promises"
    if "transaction" in command.marks:
        yield "belongs to a transaction; all correctness rests on single documents (A8)"
    if "$changeStream" in command.marks:
        yield "follows a change stream, which loses its place when the log rolls (A8)"
    if "expireAfterSeconds" in command.marks:
        yield "lets the store delete by its own clock; deadlines are data (A7, A8)"
    if {"$out", "$merge"} & {*command.marks}:
        yield "writes inside a read, past version and outbox (A6)"


def _write(command: Command) -> Iterator[str]:
    if command.w != "majority" or command.journal is not True:
        yield f"asks for w={command.w} j={command.journal}, not for the majority and its journal (A8)"


def _read(command: Command) -> Iterator[str]:
    if command.read_concern != "majority":
        yield f"reads at {command.read_concern or 'no'} concern what may be rolled back, not at majority (A8)"
    if command.preference not in THE_OWNER_READS:
        yield f"reads from {command.preference}, which may be behind; the primary is read (A8)"


def _form(form: Form) -> Iterator[str]:
    if "insert" in form.does and not form.found_by:
        yield "leaves the `_id` to the driver: done twice it is two documents (A8)"
    elif "_id" not in form.found_by:
        yield f"finds what it changes by {', '.join(form.found_by) or 'nothing'}, not by `_id` (A6)"
    if form.many:
        yield "changes many documents at once, and a kill may leave half of them (A8)"
    if not_dull := [one for one in form.does if one not in DULL_TWICE]:
        yield f"does {', '.join(not_dull)}, which done twice changes twice (A6)"
    yield from _aggregate(form)


def _aggregate(form: Form) -> Iterator[str]:
    """Tell what breaks the one way in which aggregates are saved."""
    if "replace" in form.does and {"version", "outbox"} <= {*form.fields}:
        if "version" not in form.found_by:
            yield "replaces an aggregate whatever its version: a lost race overwrites the winner (A6)"
    elif "replace" not in form.does and "insert" not in form.does and {"version", "state"} & {*form.fields}:
        yield "changes an aggregate's state or version in place, without its events (A6)"

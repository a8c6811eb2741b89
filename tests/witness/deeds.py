"""What a program was heard to do: kinds of commands, senders and readers, without any value of a document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """How one statement of a write finds and changes documents.

    Attributes:
        found_by: the fields of its filter; of an insert `_id`, where the id is the program's own.
        does: the operators of an update, `replace` or `insert` or `delete`.
        fields: what it sets, at the top of the document.
    """

    found_by: tuple[str, ...]
    does: tuple[str, ...]
    fields: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One kind of command to the store, as it left the program."""

    by: str
    name: str
    database: str
    collection: str
    w: str | int | None = None
    journal: bool | None = None
    read_concern: str | None = None
    preference: str = "primary"
    marks: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """A producer's configuration, read from the living producer as it starts."""

    by: str
    client: str
    acks: int
    idempotent: bool
    largest_bytes: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer's configuration, read from the living consumer as it starts."""

    by: str
    client: str
    group: str | None
    commits_by_itself: bool
    begins: str


Deed = Command | Sender | Reader

"""One process's notes of what it did: they outlive a kill, so each line is written at once."""

import json
import os
import sys
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from tests.witness.deeds import Command, Deed, Reader, Sender

NOTHING_YET = '{"program": "?"}'
"""What a process is known by that was killed before its first line."""
KINDS = {kind.__name__: kind for kind in (Command, Sender, Reader)}


class Notes:
    """The notes that a living process writes: a kind of deed once, then its number each time it is done."""

    def __init__(self, folder: Path) -> None:
        """Begin a file of this process's own with what the process is."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(
            folder / f"{os.getpid()}-{uuid4().hex}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND
        )
        self._known: dict[Deed, int] = {}
        self._turn = threading.Lock()
        self._write(json.dumps({"program": program_of(sys.orig_argv)}))

    def add(self, deed: Deed) -> None:
        """Note that this was done once more."""
        with self._turn:
            number = self._known.get(deed)
            if number is None:
                number = self._known[deed] = len(self._known)
                self._write(json.dumps({"kind": type(deed).__name__, **asdict(deed)}))
            self._write(str(number))

    def _write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())


@dataclass(frozen=True, slots=True)
class Heard:
    """What one process did, and how often."""

    program: str
    deeds: Counter[Deed]


def read_notes(folder: Path) -> list[Heard]:
    """Read what every process of a run did."""
    return [_read(path) for path in sorted(folder.glob("*.jsonl"))]


def _read(path: Path) -> Heard:
    from pydantic import TypeAdapter

    first, *lines = path.read_text("utf-8").splitlines() or [NOTHING_YET]
    known: list[Deed] = []
    deeds: Counter[Deed] = Counter()
    for line in lines:
        if line.startswith("{"):
            said = json.loads(line)
            adapter: TypeAdapter[Deed] = TypeAdapter(KINDS[said.pop("kind")])
            known.append(adapter.validate_python(said))
        else:
            deeds[known[int(line)]] += 1
    return Heard(json.loads(first)["program"], deeds)


def program_of(argv: list[str]) -> str:
    """Return the module or script that a process runs."""
    words = argv[1:]
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1]
    scripts = [Path(word).name for word in words if not word.startswith("-")]
    return scripts[0] if scripts and "-c" not in words else Path(argv[0]).name

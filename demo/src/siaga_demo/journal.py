"""A program's own diary: JSON lines that survive a kill, and are the truth that a test compares with.

It holds ids, classes and times; never a number, a name or a story.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Journal:
    """Appends to one file; what is written is on the disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._finish_cut_line()

    def write(self, what: str, **values: object) -> None:
        """Write one line: what happened, when, to whom."""
        line = {"at": datetime.now(UTC).isoformat(), "what": what, **values}
        os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        os.fdatasync(self._file)

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield every whole line, oldest first."""
        for line in self._path.read_bytes().splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue  # cut by a kill

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _finish_cut_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")

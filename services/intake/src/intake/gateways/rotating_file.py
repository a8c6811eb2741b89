"""A growing file that is rotated, truncated, missing or replaced: what comes next in it, never twice.

The file is known by its inode and by its first bytes, because inodes are used again.
"""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

HEAD_BYTES = 64
STEP_BYTES = 4 * 1024 * 1024
"""What is passed over is looked at in steps as large as this."""


class Break(StrEnum):
    """Why reading could not simply go on."""

    TRUNCATED = "truncated"
    LOST = "lost"


class Passing(StrEnum):
    """What is being passed over, because no line of a log looks so."""

    NULS = "nuls"
    ENDLESS = "endless"


class NotALogFile(OSError):
    """What stands in the log's place is not a regular file."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """How far one file was read: which one, to which byte, how it began, and whether in the midst of rubbish."""

    inode: int
    offset: int = 0
    head: str = ""
    head_bytes: int = 0
    passing: Passing | None = None

    def to_plain(self) -> dict[str, Any]:
        """Write the place as plain JSON values."""
        return {name: getattr(self, name) for name in ("inode", "offset", "head", "head_bytes", "passing")}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Read what `to_plain` wrote."""
        passing = plain.get("passing")
        return cls(
            int(plain["inode"]),
            int(plain["offset"]),
            str(plain["head"]),
            int(plain["head_bytes"]),
            Passing(passing) if passing else None,
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """What comes next: where it begins, its bytes, and whether this file will never grow again."""

    place: FilePlace
    data: bytes
    finished: bool = False
    broken: Break | None = None


class RotatingFile:
    """Reads one path through its rotations; keeps the file open, so a deletion takes nothing away."""

    def __init__(self, path: Path) -> None:
        """Follow this path; rotated files are looked for beside it, named `<name>.<anything>`."""
        self._path = path
        self._descriptor: int | None = None
        self._inode: int | None = None

    def read(self, place: FilePlace | None, most_bytes: int) -> Piece | None:
        """Return what comes after a place, empty at the end; None while there is no file at all."""
        if place is not None and self._has(place.inode):
            return self._read_open(place, most_bytes)
        if place is not None:
            return self._start_anew(Break.LOST, most_bytes)
        return self._start_anew(None, most_bytes)

    def advanced(self, piece: Piece, read_bytes: int) -> FilePlace:
        """Return the place after some bytes of a piece."""
        offset = piece.place.offset + read_bytes
        if self._descriptor is None or piece.place.head_bytes == HEAD_BYTES:
            return replace(piece.place, offset=offset)
        head = os.pread(self._descriptor, min(HEAD_BYTES, offset), 0)
        return replace(piece.place, offset=offset, head=_fingerprint(head), head_bytes=len(head))

    def passed_over(self, piece: Piece, most_bytes: int) -> FilePlace:
        """Return the place behind the NULs, or the line without an end, with which a piece begins.

        Holes of a sparse file cost nothing. Where the rubbish does not end within so many bytes the
        place is in its midst and says so.
        """
        descriptor, begun = self._descriptor, piece.place.offset
        assert descriptor is not None
        what = piece.place.passing or (Passing.NULS if piece.data[:1] == b"\0" else Passing.ENDLESS)
        offset, looked_at = begun, 0
        while looked_at < most_bytes:
            if what is Passing.NULS:
                offset = _data_after(descriptor, offset)
            step = os.pread(descriptor, STEP_BYTES, offset)
            passed, is_over = _rubbish_in(step, what)
            offset, looked_at = offset + passed, looked_at + len(step)
            if is_over:
                return replace(self.advanced(piece, offset - begun), passing=None)
            if not step:
                break
        return replace(self.advanced(piece, offset - begun), passing=what)

    def successor(self, place: FilePlace) -> FilePlace | None:
        """Return the beginning of the file that followed a finished one."""
        found = self._next_after(place.inode)
        return FilePlace(found.stat().st_ino) if found is not None else None

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = self._inode = None

    def _read_open(self, place: FilePlace, most_bytes: int) -> Piece:
        descriptor = self._descriptor
        assert descriptor is not None
        if os.fstat(descriptor).st_size < place.offset or not _begins_as(descriptor, place):
            place = FilePlace(place.inode)
            return Piece(place, os.pread(descriptor, most_bytes, 0), broken=Break.TRUNCATED)
        data = os.pread(descriptor, most_bytes, place.offset)
        if len(data) == most_bytes or self._next_after(place.inode) is None:
            return Piece(place, data)
        data = os.pread(descriptor, most_bytes, place.offset)  # written between the look and the rotation
        return Piece(place, data, finished=len(data) < most_bytes)

    def _start_anew(self, broken: Break | None, most_bytes: int) -> Piece | None:
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            return None
        if not self._has(inode):
            return None
        piece = self._read_open(FilePlace(inode), most_bytes)
        return replace(piece, broken=broken)

    def _has(self, inode: int) -> bool:
        """Whether the file of an inode is open, or can be opened, here or among the rotated ones."""
        if self._inode == inode and self._descriptor is not None:
            return True
        for candidate in self._candidates():
            with contextlib.suppress(FileNotFoundError):
                if candidate.stat().st_ino == inode:
                    return self._opened(candidate, inode)
        return False

    def _opened(self, candidate: Path, inode: int) -> bool:
        """Open a file; what is no regular file (a folder that a missing mount left) is not held on to.

        Raises:
            NotALogFile: it is none.
        """
        self.close()
        descriptor = os.open(candidate, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            raise NotALogFile(f"{candidate} is not a regular file")
        self._descriptor, self._inode = descriptor, found.st_ino
        return self._inode == inode

    def _candidates(self) -> Iterator[Path]:
        yield self._path
        yield from self._path.parent.glob(f"{self._path.name}.*")

    def _next_after(self, inode: int) -> Path | None:
        """Find the file that was written next: none, the live one, or one rotated away meanwhile.

        A live file that is still empty proves nothing: logrotate makes it before the exchange lets go
        of the old one.
        """
        try:
            live = self._path.stat()
        except FileNotFoundError:
            return None
        if live.st_ino == inode or live.st_size == 0 or self._descriptor is None:
            return None
        until = os.fstat(self._descriptor).st_mtime_ns
        later = [
            (known.st_mtime_ns, path)
            for path, known in _known(self._candidates())
            if known.st_ino not in {inode, live.st_ino} and known.st_mtime_ns > until
        ]
        return min(later)[1] if later else self._path


def _known(paths: Iterator[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in paths:
        if path.suffix not in {".gz", ".bz2", ".xz", ".zst"}:
            with contextlib.suppress(FileNotFoundError):
                yield path, path.stat()


def _data_after(descriptor: int, offset: int) -> int:
    """Return where something was written after an offset; the file's end where nothing was."""
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # nothing but a hole follows
            return max(offset, os.fstat(descriptor).st_size)
        return offset  # this file system tells of no holes


def _rubbish_in(step: bytes, what: Passing) -> tuple[int, bool]:
    """Return how many bytes of a step are rubbish, and whether it ends there.

    NULs end where anything else begins; an endless line with its newline, or where NULs begin.
    """
    if what is Passing.NULS:
        rest = step.lstrip(b"\0")
        return len(step) - len(rest), bool(rest)
    newline, nul = step.find(b"\n"), step.find(b"\0")
    if newline >= 0 and not 0 <= nul < newline:
        return newline + 1, True
    return (nul, True) if nul >= 0 else (len(step), False)


def _begins_as(descriptor: int, place: FilePlace) -> bool:
    return _fingerprint(os.pread(descriptor, place.head_bytes, 0)) == (place.head or _fingerprint(b""))


def _fingerprint(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()

"""Secrets are files that only their owner can read; a changed file counts from its next use on."""

import os
import re
import stat
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SECRET_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*", re.ASCII)
_LONGEST_NAME = 200
_LARGEST_FILE_BYTES = 64 * 1024


class SecretUnavailable(Exception):
    """A secret could not be used; the sentence names its file and the way out, never its content."""


class SecretMissing(SecretUnavailable):
    """There is no such secret."""


class SecretExposed(SecretUnavailable):
    """The file can be read by others than its owner, so its content is no secret any more."""


class SecretUnusable(SecretUnavailable):
    """The file is empty, far too large, or not a file."""


class SecretNameRefused(ValueError):
    """The name could lead out of the secrets directory, or is not a plain name."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file held when it looked like this."""

    look: tuple[int, int, int]
    values: tuple[bytes, ...]


class Secrets:
    """The secrets of one process, as files below one directory.

    A file holds one value a line. Several lines are a rotation under way: the first value signs and
    seals, all of them verify and open. To rotate without a gap: add the new value as the last line,
    wait until every reader has it, move it to the first line, and later remove the old one.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[str, _Seen] = {}

    def read(self, name: str) -> bytes:
        """Return the value in force: the first line of the file, without its line end.

        Raises SecretMissing, SecretExposed, SecretUnusable or SecretNameRefused.
        """
        return self.read_all(name)[0]

    def read_all(self, name: str) -> tuple[bytes, ...]:
        """Return every value that still counts, the one in force first; never empty.

        The file is looked at on every call and read again when its time, size or identity changed.
        """
        path = self._path(name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise SecretMissing(f"there is no secret '{name}'; it is expected in the file {path}") from error
        except PermissionError as error:
            raise SecretUnavailable(f"this process may not read {path}; let its user own the file") from error
        try:
            return self._values(name, path, descriptor)
        finally:
            os.close(descriptor)

    def ensure(self, name: str) -> bytes:
        """Return the value in force; where there is none, make one of 32 random bytes (base64url text).

        Safe when several processes ask at once: all get the same value.
        """
        with suppress(SecretMissing):
            return self.read(name)
        path = self._path(name)
        self._make_directories(path.parent)
        _create(path, urlsafe_b64encode(os.urandom(SECRET_BYTES)).rstrip(b"=") + b"\n")
        return self.read(name)

    def _path(self, name: str) -> Path:
        if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
            raise SecretNameRefused(
                f"'{name[:_LONGEST_NAME]}' is not a name for a secret: use letters, digits and . _ - /"
            )
        return self._directory / name

    def _values(self, name: str, path: Path, descriptor: int) -> tuple[bytes, ...]:
        state = os.fstat(descriptor)
        _refuse_exposed(path, state)
        look = (state.st_mtime_ns, state.st_size, state.st_ino)
        seen = self._seen.get(name)
        if seen is None or seen.look != look:
            seen = self._seen[name] = _Seen(look, _lines(path, descriptor, state))
        return seen.values

    def _make_directories(self, wanted: Path) -> None:
        """Make what is missing, each directory for its owner alone (`mkdir -p` would not)."""
        for directory in [*reversed(wanted.parents), wanted]:
            if not directory.is_dir():
                directory.mkdir(mode=0o700, exist_ok=True)


def _refuse_exposed(path: Path, state: os.stat_result) -> None:
    """Refuse what others may read.

    A group may read only what belongs to another user: that is how a cluster hands a secret to a
    process that does not run as root. A file of one's own is for oneself alone.
    """
    own = state.st_uid == os.getuid()
    forbidden = (stat.S_IRWXG if own else stat.S_IWGRP) | stat.S_IRWXO
    if state.st_mode & forbidden:
        raise SecretExposed(
            f"{path} can be used by others (mode {stat.S_IMODE(state.st_mode):04o}); "
            f"replace the secret if they may have read it, then: chmod 600 {path}"
        )


def _lines(path: Path, descriptor: int, state: os.stat_result) -> tuple[bytes, ...]:
    if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST_FILE_BYTES:
        raise SecretUnusable(f"{path} is not a file of at most {_LARGEST_FILE_BYTES} bytes")
    content = os.read(descriptor, _LARGEST_FILE_BYTES)
    values = tuple(line.strip() for line in content.splitlines() if line.strip())
    if not values:
        raise SecretUnusable(f"{path} holds no secret; remove it or write one value a line")
    return values


def write_private(path: Path, content: bytes) -> None:
    """Write a new file for its owner alone (0600), through to the disk. Raises OSError, also where it is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _create(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all; whoever comes second leaves the first one's."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(8).hex()}")
    try:
        write_private(draft, content)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _settle(path.parent)


def _settle(directory: Path) -> None:
    """Make the new name itself survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

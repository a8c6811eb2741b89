"""Where things lie: everything of one checkout under its data folder, what machines share in the cache."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from siaga_embedded.refusal import ExitCode, Refusal

SPACE_TO_START = 300_000_000  # bytes; below that Kafka and the store stop in the middle of their work
LOGS_KEPT = 3  # of earlier starts, per program


class NoSpaceLeft(Refusal):
    """The disk is too full to start on."""

    exit_code = ExitCode.NO_SPACE


class DataNotUsable(Refusal):
    """The data folder cannot be made or written."""

    exit_code = ExitCode.DATA_NOT_USABLE

    def __init__(self, folder: Path, error: OSError) -> None:
        why = error.strerror or type(error).__name__
        super().__init__(
            f"Folder data {folder} tidak dapat dipakai ({why}): perbaiki folder dan haknya, atau pilih SIAGA_HOME yang lain.",
            f"The data folder {folder} cannot be used ({why}): mend it and its permissions, or choose another SIAGA_HOME.",
        )


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and files of one running system (one checkout, or one test run)."""

    data: Path

    @property
    def logs(self) -> Path:
        """The folder of all programs' logs."""
        return self.data / "logs"

    @property
    def records(self) -> Path:
        """The folder that tells which process is whose, for the next start."""
        return self.data / "run"

    @property
    def lock(self) -> Path:
        """The file that is locked while this system runs."""
        return self.data / "run.lock"

    @property
    def ports(self) -> Path:
        """The file that remembers each program's port."""
        return self.data / "ports.json"

    @property
    def kafka(self) -> Path:
        """The broker's folder: settings and log segments."""
        return self.data / "kafka"

    @property
    def store(self) -> Path:
        """The store's folder: one sub-folder per engine, because their files differ."""
        return self.data / "store"

    def log_of(self, name: str) -> Path:
        """The log of one program's latest start."""
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Create the folders, readable by their owner only: spool, store and broker hold personal data."""
        try:
            for folder in (self.data, self.logs, self.records):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DataNotUsable(self.data, error) from error


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's cache, shared by all checkouts on a machine: jars and the faster store."""
    base = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".cache")
    return Path(base) / "siaga112"


def free_space(folder: Path) -> int:
    """Bytes that may still be written to the disk that holds a folder, or will hold it."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free


def require_space(places: Places, free: Callable[[Path], int] = free_space) -> None:
    """Refuse to start on a full disk, before anything is written or half started."""
    left = free(places.data)
    if left < SPACE_TO_START:
        megabytes, needed = left // 10**6, SPACE_TO_START // 10**6
        raise NoSpaceLeft(
            f"Ruang disk di {places.data} tinggal {megabytes} MB, perlu {needed} MB: kosongkan, lalu ulangi; log yang lalu ada di {places.logs}.",
            f"Only {megabytes} MB of disk are free at {places.data}, {needed} MB are needed: make room, then try again; earlier logs lie in {places.logs}.",
        )


def write_whole(path: Path, content: str) -> None:
    """Write a small file that whoever reads it sees old or new, never half."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(content, encoding="utf-8")
    fresh.replace(path)


def rotate(log: Path, kept: int = LOGS_KEPT) -> None:
    """Move a program's earlier logs one number up, so that each start writes a fresh one."""
    for number in range(kept, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log if number == 1 else log.with_name(f"{log.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)

"""Apache Kafka's jars: exactly those of `jars.lock`, fetched once into the user's cache and checked each time.

`python -m siaga_embedded.jars` fetches what is missing; with `lock` it writes the lock anew.
"""

import fcntl
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siaga_embedded.places import cache_folder
from siaga_embedded.refusal import ExitCode, Refusal

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK = Path(__file__).with_name("jars.lock")
WANTED = ("org.apache.kafka:kafka_2.13:4.3.1", "org.slf4j:slf4j-simple:1.7.36")
FETCHES_AT_ONCE = 8
FETCH_TIMEOUT = 60  # seconds without an answer
LOCK_HEADER = """\
# Every jar that the broker is started with: group:artifact:version and its SHA-256.
# Renew: .venv/bin/python -m siaga_embedded.jars lock
"""


class JarsNotUsable(Refusal):
    """A jar could not be fetched, or is not the one that the lock names."""

    exit_code = ExitCode.JARS_NOT_USABLE


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    coordinate: str
    sha256: str

    def path_in(self, repository: Path) -> Path:
        """Where a Maven repository keeps it."""
        group, artifact, version = self.coordinate.split(":")
        return repository.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")


Fetch = Callable[[str], object]
"""Bring one coordinate into the repository; any exception means that it could not be had."""


def read_lock(lock: Path = LOCK) -> tuple[Jar, ...]:
    """Read the jars that are wanted, in the order of the class path."""
    lines = [line.split() for line in lock.read_text(encoding="utf-8").splitlines()]
    return tuple(Jar(words[0], words[1]) for words in lines if words and not words[0].startswith("#"))


def class_path(jars: Sequence[Jar], repository: Path) -> str:
    """Join the jars for `java -cp`."""
    return os.pathsep.join(str(jar.path_in(repository)) for jar in jars)


def ensure(jars: Sequence[Jar], repository: Path, fetch: Fetch | None = None) -> None:
    """See to it that every jar is there and is the one that the lock names; fetch what is not."""
    with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
        missing = [
            jar
            for jar, good in zip(jars, pool.map(lambda j: _is_good(j, repository), jars), strict=True)
            if not good
        ]
        if missing:
            bring = fetch or fetch_with_jgo(repository)
            with _alone(repository):
                list(pool.map(lambda jar: _bring(jar, repository, bring), missing))


def repository_folder() -> Path:
    """The user's own Maven repository for this product."""
    return cache_folder() / "jars"


def fetch_with_jgo(repository: Path) -> Fetch:
    """Fetch from Maven Central, or from the mirror that SIAGA_MAVEN_MIRROR names."""
    maven = _maven(repository)

    def fetch(coordinate: str) -> object:
        group, artifact, version = coordinate.split(":")
        return maven.project(group, artifact).at_version(version).artifact().resolve()

    return fetch


def write_lock(lock: Path = LOCK) -> None:
    """Resolve what Kafka needs and write down each jar with its hash."""
    maven = _maven(repository_folder())
    wanted = [maven.create_dependency(coordinate) for coordinate in WANTED]
    inputs, others = maven.resolver.resolve(wanted)
    artifacts = [
        found.artifact for found in (*inputs, *others) if found.scope in {None, "compile", "runtime"}
    ]
    lines = {
        f"{jar.groupId}:{jar.artifactId}:{jar.version} {_sha256(Path(jar.resolve()))}\n" for jar in artifacts
    }
    lock.write_text(LOCK_HEADER + "".join(sorted(lines)), encoding="utf-8")


def _maven(repository: Path) -> "MavenContext":
    from jgo.maven import MavenContext

    mirror = os.environ.get("SIAGA_MAVEN_MIRROR")
    remote = {"mirror": mirror} if mirror else None
    return MavenContext(repo_cache=repository, remote_repos=remote, timeout=FETCH_TIMEOUT)


def _bring(jar: Jar, repository: Path, fetch: Fetch) -> None:
    path = jar.path_in(repository)
    if _is_good(jar, repository):
        return
    path.unlink(missing_ok=True)
    try:
        fetch(jar.coordinate)
    except Exception as reason:
        raise JarsNotUsable(
            f"{jar.coordinate} tidak dapat diambil ({reason}): periksa jaringan ke Maven Central, lalu ulangi.",
            f"{jar.coordinate} could not be fetched ({reason}): check the way to Maven Central, then try again.",
        ) from reason
    if not _is_good(jar, repository):
        path.unlink(missing_ok=True)
        raise JarsNotUsable(
            f"{jar.coordinate} bukan berkas yang disebut jars.lock (SHA-256 berbeda) dan sudah dihapus: ulangi; bila tetap, jangan dipakai.",
            f"{jar.coordinate} is not the file that jars.lock names (its SHA-256 differs) and was removed: try again; if it stays so, do not use it.",
        )


def _is_good(jar: Jar, repository: Path) -> bool:
    path = jar.path_in(repository)
    return path.is_file() and _sha256(path) == jar.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _alone(repository: Path) -> Iterator[None]:
    """Let one process at a time write to the cache that all checkouts share."""
    repository.mkdir(parents=True, exist_ok=True)
    with (repository / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Fetch what the lock names, or write the lock."""
    try:
        if sys.argv[1:] == ["lock"]:
            write_lock()
        else:
            ensure(read_lock(), repository_folder())
    except Refusal as refused:
        sys.stderr.write(f"siaga: {refused}\n")
        return refused.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

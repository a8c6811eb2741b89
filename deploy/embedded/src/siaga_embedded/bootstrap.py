"""Set a bare machine up: interpreter, virtual environment, locked packages, Kafka's jars.

Runs with whatever Python 3 is there and needs nothing but the standard library. Every step says how
long it took; a finished step is remembered by the hash of what it read, so that the second run costs
nothing, and an interrupted one carries on where it stopped.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SUITABLE = ((3, 11), (3, 12), (3, 13))
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3")
SPACE_NEEDED = 1_500_000_000  # bytes: packages, Java and jars take about 0.6 GB, and a first run needs room
PROBE = "import sys; print('%d.%d' % sys.version_info[:2]); import venv, ensurepip; print('venv')"

NO_INTERPRETER = 2
SETUP_FAILED = 3
NO_SPACE = 4
RUNNING = 5

MADE_HERE = (
    ".venv",
    ".siaga",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".import_linter_cache",
    "bench/out",
)


class CouldNotSetUp(Exception):
    """The machine could not be set up: one sentence in two languages, and the exit code."""

    def __init__(self, indonesian: str, english: str, exit_code: int) -> None:
        super().__init__(in_words(indonesian, english))
        self.exit_code = exit_code


def in_words(indonesian: str, english: str) -> str:
    """Choose the sentence in the person's language: Indonesian, or English with SIAGA_LANG=en."""
    return english if os.environ.get("SIAGA_LANG", "").lower().startswith("en") else indonesian


class Probe:
    """What one candidate interpreter says about itself."""

    def __init__(self, command: str, version: tuple[int, int] | None, *, has_venv: bool) -> None:
        self.command = command
        self.version = version
        self.has_venv = has_venv

    @property
    def runs_siaga(self) -> bool:
        """Whether its version has wheels of everything in the lock."""
        return self.version in SUITABLE


def probe(command: str) -> Probe:
    """Try an interpreter: a pyenv shim may be on the PATH and yet not run."""
    try:
        answer = subprocess.run(
            [command, "-c", PROBE], capture_output=True, text=True, timeout=20, check=False
        ).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        answer = []
    if not answer:
        return Probe(command, None, has_venv=False)
    major, _, minor = answer[0].partition(".")
    return Probe(command, (int(major), int(minor)), has_venv="venv" in answer)


def choose_interpreter(probes: Sequence[Probe]) -> str:
    """Name the first suitable interpreter, or say in one sentence what is missing."""
    suitable = [one for one in probes if one.runs_siaga]
    for one in suitable:
        if one.has_venv:
            return one.command
    if suitable:
        name = "python%d.%d" % (suitable[0].version or (3, 11))
        raise CouldNotSetUp(
            f"{suitable[0].command} ada, tetapi modul venv tidak: pasang {name}-venv, lalu ulangi.",
            f"{suitable[0].command} is there, but its venv module is not: install {name}-venv, then try again.",
            NO_INTERPRETER,
        )
    found = ", ".join(sorted({"%d.%d" % one.version for one in probes if one.version})) or "–"
    raise CouldNotSetUp(
        f"Siaga 112 perlu Python 3.11, 3.12 atau 3.13; yang ditemukan: {found}. Pasang salah satunya, lalu ulangi.",
        f"Siaga 112 needs Python 3.11, 3.12 or 3.13; found: {found}. Install one of them, then try again.",
        NO_INTERPRETER,
    )


def fingerprint(paths: Sequence[Path], *words: str) -> str:
    """Hash what a step reads, so that it runs again only when that has changed."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def local_packages(root: Path) -> list[Path]:
    """List the folders of this repository's own packages."""
    patterns = ("libs/*", "services/*", "cli", "demo", "deploy/embedded")
    found = [path.parent for pattern in patterns for path in sorted(root.glob(pattern + "/pyproject.toml"))]
    return [folder for folder in found if (folder / "src").is_dir()]


class SetUp:
    """The steps for one checkout, each remembered in `.venv/.siaga/<step>` once it is done."""

    def __init__(self, root: Path, say: Callable[[str], None] = print) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.log = root / ".siaga" / "logs" / "setup.log"
        self._say = say
        self._version: tuple[int, int] | None = None

    def run(self) -> None:
        """Bring the checkout to where `siaga run` and the tests can start."""
        started = time.monotonic()
        with self._alone():
            worked = [self._environment(), self._packages(), self._own_packages(), self._jars()]
        if any(worked):
            self._say(
                in_words("Siap dalam %.0f detik.", "Set up in %.0f seconds.") % (time.monotonic() - started)
            )

    def _environment(self) -> bool:
        """Make the virtual environment unless its interpreter is there, runs, and is one that will do."""
        self._version = probe(str(self.python)).version
        if self._version in SUITABLE:
            return False
        require_space(self.root)
        own = [sys.executable] if sys.executable else []
        interpreter = choose_interpreter([probe(name) for name in (*CANDIDATES, *own) if shutil.which(name)])
        title = in_words(f"lingkungan virtual ({interpreter})", f"virtual environment ({interpreter})")
        with self._timed("1/4", title):
            self._call([interpreter, "-m", "venv", "--clear", str(self.venv)])
        self._version = probe(str(self.python)).version
        return True

    def _packages(self) -> bool:
        lock = self.root / "requirements.lock"
        count = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line)
        title = in_words(f"{count} paket terkunci", f"{count} locked packages")
        command = self._pip("--require-hashes", "--no-deps", "-r", str(lock))
        return self._once("2/4", "packages", title, fingerprint([lock], str(self._version)), command)

    def _own_packages(self) -> bool:
        folders = local_packages(self.root)
        title = in_words(f"{len(folders)} paket Siaga", f"{len(folders)} packages of Siaga")
        editable = [word for folder in folders for word in ("-e", str(folder))]
        command = self._pip("--no-deps", "--no-build-isolation", *editable)
        described = [folder / "pyproject.toml" for folder in folders]
        return self._once("3/4", "own-packages", title, fingerprint(described, *map(str, folders)), command)

    def _jars(self) -> bool:
        lock = self.root / "deploy" / "embedded" / "src" / "siaga_embedded" / "jars.lock"
        command = [str(self.python), "-m", "siaga_embedded.jars"]
        cache = os.environ.get("XDG_CACHE_HOME", "")
        return self._once("4/4", "jars", "Apache Kafka", fingerprint([lock], cache), command)

    def _pip(self, *words: str) -> list[str]:
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        return [str(self.python), "-m", "pip", "install", *quiet, *words]

    def _once(self, number: str, name: str, title: str, mark: str, command: list[str]) -> bool:
        """Run a step unless it was finished for the same input; the mark is written last."""
        done = self.venv / ".siaga" / name
        if done.is_file() and done.read_text(encoding="utf-8") == mark:
            return False
        require_space(self.root)
        with self._timed(number, title):
            self._call(command)
        done.parent.mkdir(exist_ok=True)
        done.write_text(mark, encoding="utf-8")
        return True

    def _call(self, command: list[str]) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as log:
            log.write("\n$ " + " ".join(command) + "\n")
            log.flush()
            code = follow(command, log.write)
        if code != 0:
            raise CouldNotSetUp(*failed_step(self.log), SETUP_FAILED)

    @contextmanager
    def _timed(self, number: str, title: str) -> Iterator[None]:
        """Say what is being done, and when it is done how long it took."""
        started = time.monotonic()
        self._say(f"[{number}] {title} …")
        yield
        seconds = time.monotonic() - started
        self._say(
            in_words(f"[{number}] {title}: {seconds:.1f} detik", f"[{number}] {title}: {seconds:.1f} seconds")
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one set-up at a time work on a checkout; a second one waits."""
        lock = self.root / ".siaga" / "setup.lock"
        lock.parent.mkdir(exist_ok=True)
        with lock.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._say(
                    in_words("Menunggu penyiapan lain selesai …", "Waiting for another set-up to finish …")
                )
                fcntl.flock(held, fcntl.LOCK_EX)
            yield


def follow(command: Sequence[str], write: Callable[[str], object]) -> int:
    """Run a program, keep its words, and show at a terminal how many packages it has come to."""
    collected = 0
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=_clean(os.environ),
    ) as program:
        for line in program.stdout or ():
            write(line)
            collected += line.startswith("Collecting ")
            if collected and sys.stdout.isatty():
                print(f"\r      {collected} {line.split(' (')[0].strip()[:60]:60}", end="\r", flush=True)
    return program.returncode


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Drop what would lead the new interpreter to another's packages."""
    return {name: value for name, value in environment.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}


def require_space(
    root: Path, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
) -> None:
    """Refuse to begin what cannot end: a set-up on a full disk."""
    left = free(root)
    if left < SPACE_NEEDED:
        raise CouldNotSetUp(
            f"Ruang disk di {root} tinggal {left // 10**6} MB, perlu {SPACE_NEEDED // 10**6} MB: kosongkan, lalu ulangi.",
            f"Only {left // 10**6} MB of disk are free at {root}, {SPACE_NEEDED // 10**6} MB are needed: make room, then try again.",
            NO_SPACE,
        )


def failed_step(log: Path) -> tuple[str, str]:
    """Tell why a step failed, in the words of the program that failed, and where to read more."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    errors = [line for line in lines if line.lower().startswith(("error", "siaga:"))]
    last = (errors or [line for line in lines if line] or ["?"])[-1]
    return (
        f"Penyiapan gagal: {last} — periksa jaringan dan indeks paket, baca {log}, lalu ulangi.",
        f"Set-up failed: {last} — check the network and the package index, read {log}, then try again.",
    )


def clean(root: Path) -> None:
    """Remove what was made in a checkout, data included; refuse while it is running."""
    lock = root / ".siaga" / "run.lock"
    if lock.exists():
        with lock.open() as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as taken:
                raise CouldNotSetUp(
                    f"Siaga sedang berjalan dari {root}: hentikan dengan Ctrl-C, lalu ulangi.",
                    f"Siaga is running from {root}: stop it with Ctrl-C, then try again.",
                    RUNNING,
                ) from taken
    for name in MADE_HERE:
        shutil.rmtree(root / name, ignore_errors=True)
    for cache in [path for path in root.rglob("__pycache__") if ".git" not in path.parts]:
        shutil.rmtree(cache, ignore_errors=True)


def main(words: Sequence[str] | None = None) -> int:
    """Set up (or --clean) the checkout that holds this file (or --root) and return the exit code."""
    parser = argparse.ArgumentParser(description="Set up Siaga 112 on this machine.")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[4])
    parser.add_argument("--clean", action="store_true")
    asked = parser.parse_args(words)
    try:
        if asked.clean:
            clean(asked.root)
        else:
            SetUp(asked.root, say=lambda line: print(line, flush=True)).run()
    except CouldNotSetUp as refused:
        print(refused, file=sys.stderr)
        return refused.exit_code
    except KeyboardInterrupt:
        print(in_words("Dihentikan; ulangi kapan saja.", "Stopped; try again any time."), file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

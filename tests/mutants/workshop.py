"""A folder in which mutmut works on one room: a copy of its package and tests, nothing of the checkout is touched."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.properties import opened
from tests.mutants.results import Mutant
from tests.mutants.rooms import ROOT, Room

SHOPS = ROOT / ".mutants"
SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
pythonpath = ["."]
asyncio_mode = "auto"

[tool.mutmut]
source_paths = ["src"]
also_copy = {copied}
only_mutate = {only}
pytest_add_cli_args_test_selection = {judges}
"""
READ_BY_TESTS = ("tenants", "demo/pbx")
"""What tests of packages read outside their package."""
READ_BY_CODE = tuple(
    f"libs/shared_schemas/{one}" for one in ("topics", "schemas", "examples", "retired.yaml")
)
"""What the libraries read, wherever they are imported."""
SAME_EACH_TIME = """
from hypothesis import settings

settings.register_profile("mutants", deadline=None, derandomize=True, database=None)
settings.load_profile("mutants")
"""
"""A slow moment of the machine is no kill, and the same change has the same end."""
FOUND = "found.json"
ITS_OWN = frozenset({"SIAGA_WITNESS", "PYTHONPATH", "MUTANT_UNDER_TEST"})


class MutationFailed(RuntimeError):
    """The tool did not come to an end; the text is what it said last."""


def mutants_of(room: Room) -> list[Mutant]:
    """Return every mutant of a room and what became of it; one that was judged before is not judged again."""
    shop, digest = SHOPS / room.name, _digest(room)
    known = _known(shop / FOUND, digest)
    if known is not None:
        return known
    _furnish(room, shop)
    _run(room, shop)
    found = _read(shop)
    text = json.dumps({"digest": digest, "mutants": [one.as_json() for one in found]}, indent=1)
    (shop / FOUND).write_text(text, encoding="utf-8")
    return found


def _known(path: Path, digest: str) -> list[Mutant] | None:
    if not path.exists():
        return None
    said = json.loads(path.read_text("utf-8"))
    return [Mutant(**one) for one in said["mutants"]] if said["digest"] == digest else None


def _digest(room: Room) -> str:
    """Tell one state of code, tests and rules from another."""
    digest = hashlib.sha256(repr(room).encode())
    for path in _inputs(room):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def _inputs(room: Room) -> Iterator[Path]:
    """Give every file that may change a mutant's fate: code, tests, the data that both read, and the tool."""
    data = (ROOT / one for one in (*READ_BY_TESTS, *READ_BY_CODE))
    for place in (room.source, room.tests, *sorted((ROOT / "libs").glob("*/src")), *data):
        found = (place,) if place.is_file() else place.rglob("*")
        yield from sorted(path for path in found if path.is_file() and _is_written(path))
    yield from (Path(__file__).with_name(f"{name}.py") for name in ("workshop", "properties", "results"))
    yield ROOT / "requirements.lock"


def _is_written(path: Path) -> bool:
    """Whether people wrote a file; the rest follows from what they wrote."""
    return not any(part == "__pycache__" or part.endswith(".egg-info") for part in path.parts)


def _furnish(room: Room, shop: Path) -> None:
    shutil.rmtree(shop, ignore_errors=True)
    without = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(room.source, shop / "src" / room.package, ignore=without)
    shutil.copytree(room.tests, shop / room.home / "tests", ignore=without)
    for folder in READ_BY_TESTS:
        (shop / folder).parent.mkdir(parents=True, exist_ok=True)
        (shop / folder).symlink_to(ROOT / folder)
    beside = [one for one in READ_BY_CODE if one.startswith(f"{room.home}/")]
    for data in beside:
        (shop / Path(data).name).symlink_to(ROOT / data)
    for pattern in room.files:
        for path in (shop / "src" / room.package).glob(pattern):
            path.write_text(opened(path.read_text("utf-8")), encoding="utf-8")
    only = json.dumps([f"src/{room.package}/{pattern}" for pattern in room.files])
    judges = json.dumps([f"{room.home}/tests/{one}" for one in room.judges or ("",)])
    copied = json.dumps([room.home, "conftest.py", "tenants", "demo", *(Path(one).name for one in beside)])
    settings = SETTINGS.format(only=only, judges=judges, copied=copied)
    (shop / "pyproject.toml").write_text(settings, encoding="utf-8")
    (shop / "conftest.py").write_text(SAME_EACH_TIME, encoding="utf-8")


def _run(room: Room, shop: Path) -> None:
    wanted = [f"*.{name}*" for name in room.only]
    command = [
        sys.executable,
        "-m",
        "mutmut",
        "run",
        "--max-children",
        os.environ.get("CHILDREN", "1"),
        *wanted,
    ]
    with (shop / "run.log").open("wb") as log:
        ended = subprocess.run(command, cwd=shop, stdout=log, stderr=log, env=_environment(), check=False)
    if ended.returncode != 0:
        raise MutationFailed(f"{room.name}: {(shop / 'run.log').read_text('utf-8', 'replace')[-3000:]}")


def _read(shop: Path) -> list[Mutant]:
    """Let a process of its own look, because the tool reads the folder that it stands in."""
    command = [sys.executable, "-m", "tests.mutants.results"]
    env = _environment() | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, cwd=shop, env=env, check=True, capture_output=True, text=True).stdout
    return [Mutant(**one) for one in json.loads(said)]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ITS_OWN}

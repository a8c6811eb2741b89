"""Every package declares what its source imports, and nothing else: it could be installed alone (A1)."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(
    path.parent
    for pattern in ("*", "libs/*", "services/*", "deploy/*")
    for path in ROOT.glob(f"{pattern}/pyproject.toml")
)
NEVER_IMPORTED = {
    "secantusdb": "it is run as a program",
    "tzdata": "zoneinfo reads it where the machine has no time zones",
}


def project_of(package: Path) -> dict[str, Any]:
    return dict(tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"])


def distribution(name: str) -> str:
    """Return a distribution's one name, without its extras and bounds."""
    return re.split(r"[^\w.-]", name)[0].lower().replace("_", "-")


def modules_of(package: Path) -> set[str]:
    return {path.name for path in (package / "src").iterdir() if path.is_dir()}


OURS = {module: {distribution(project_of(one)["name"])} for one in PACKAGES for module in modules_of(one)}
INSTALLED = {
    module: {distribution(one) for one in names} for module, names in packages_distributions().items()
}


def imported(package: Path) -> Iterator[str]:
    """Yield the top module of every import in a package's source, late ones too."""
    for path in (package / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def declared(package: Path) -> set[str]:
    project = project_of(package)
    extras = [name for names in project.get("optional-dependencies", {}).values() for name in names]
    return {distribution(name) for name in [*project["dependencies"], *extras]}


def needed(package: Path) -> dict[str, set[str]]:
    """Return each foreign module that is imported, with the distributions that bring it."""
    foreign = set(imported(package)) - modules_of(package) - sys.stdlib_module_names
    return {module: OURS.get(module) or INSTALLED.get(module, {module}) for module in foreign}


def test_all_packages_are_looked_at() -> None:
    assert {one.name for one in PACKAGES} >= {
        "service_kit",
        "shared_schemas",
        "cli",
        "demo",
        "embedded",
        "intake",
    }


@pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.name)
def test_what_is_imported_is_declared(package: Path) -> None:
    said = declared(package)
    assert {module for module, bringers in needed(package).items() if not bringers & said} == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.name)
def test_what_is_declared_is_imported(package: Path) -> None:
    brought = set().union(*needed(package).values())
    assert declared(package) - brought - set(NEVER_IMPORTED) == set()

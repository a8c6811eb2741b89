"""A copy of the contracts that a test may break."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from shared_schemas.places import Places, this_checkout

Git = Callable[..., None]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A whole copy of the contracts and of what is generated from them, without services and git.

    It stays without git also where the tests' own folder lies inside a repository.
    """
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    real, root = this_checkout(), tmp_path / "checkout"
    copy = Places(root / "libs" / "shared_schemas", root)
    for folder in ("topics", "schemas", "examples"):
        shutil.copytree(real.contracts / folder, copy.contracts / folder)
    shutil.copytree(real.event_docs, copy.event_docs)
    copy.tenant_schema.parent.mkdir()
    shutil.copy(real.tenant_schema, copy.tenant_schema)
    return copy


@pytest.fixture
def git(checkout: Places) -> Git:
    """Run git in the copy; everything in it is committed once."""

    def run(*words: str) -> None:
        who = ("-c", "user.name=Test", "-c", "user.email=test@siaga.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], cwd=checkout.root, check=True, capture_output=True)

    run("init", "--quiet")
    run("add", ".")
    run("commit", "--quiet", "--no-verify", "-m", "Contracts")
    return run

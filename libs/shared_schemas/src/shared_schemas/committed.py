"""The contracts as they were committed, read from git: what a change is compared with."""

import subprocess
from pathlib import Path


class NothingToCompareWith(LookupError):
    """There is no git, no repository or no such revision; the text says which."""


def committed_files(folder: Path, revision: str) -> dict[str, str]:
    """Return the names and contents of a folder's JSON files at a revision; empty if it was not there.

    Raises:
        NothingToCompareWith: git, the repository or the revision is missing.
    """
    _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    names = _git(folder, "ls-tree", "--name-only", revision, "./").split("\n")
    return {name: _git(folder, "show", f"{revision}:./{name}") for name in names if name.endswith(".json")}


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and a revision, no shell
            ["git", "-C", str(folder), *words],  # noqa: S607 - git is where the person's PATH says
            capture_output=True,
            check=True,
            timeout=30,
        )
    except FileNotFoundError as error:
        raise NothingToCompareWith("git is not installed") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip() or f"no such revision: {words[-1]}"
        raise NothingToCompareWith(said.splitlines()[0]) from error
    return done.stdout.decode("utf-8")

"""The contracts as they were committed, read from git without a network: what a change is compared with."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_GONE = "0" * 8
_FIELDS = 6  # of a line of `git log --raw`: two modes, two contents, the kind of change, the name


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


def landed_files(folder: Path) -> Mapping[str, Sequence[str]]:
    """Return every content that each JSON file of a folder ever had where we stand, the newest first.

    Of a merge only what it brought counts: the steps inside a branch were never anybody's contract.

    Raises:
        NothingToCompareWith: git or the repository is missing, or none of these files was ever committed.
    """
    _git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    log = _git(
        folder, "log", "--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames", "--format=", "."
    )
    landed: dict[str, dict[str, None]] = {}
    for line in log.splitlines():
        *_, content, _, path = line.split(maxsplit=_FIELDS - 1)
        name = path.rpartition("/")[2]
        if name.endswith(".json") and not content.startswith(_GONE):
            landed.setdefault(name, {})[content] = None
    if not landed:
        raise NothingToCompareWith("none was ever committed here")
    return {name: [_git(folder, "cat-file", "blob", one) for one in ids] for name, ids in landed.items()}


def is_shallow(folder: Path) -> bool:
    """Whether this clone holds only the newest part of the history. Raises NothingToCompareWith."""
    return _git(folder, "rev-parse", "--is-shallow-repository").strip() == "true"


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

"""Watches a whole run: this process and every Python program that it starts, with or without the kit."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.witness.hearing import hear
from tests.witness.notes import read_notes
from tests.witness.verdict import Verdict, judge

ROOT = Path(__file__).parents[2]
STARTUP = Path(__file__).parent / "startup"
NAMED = "SIAGA_WITNESS"


@dataclass(frozen=True, slots=True)
class Watch:
    """A run that is watched, and the folder of what its programs did."""

    folder: Path

    def verdict(self) -> Verdict:
        """Judge what was done so far."""
        return judge(read_notes(self.folder))

    def end(self) -> Verdict:
        """Judge everything, and leave nothing behind."""
        verdict = self.verdict()
        shutil.rmtree(self.folder)
        return verdict


def watch() -> Watch | None:
    """Hear from now on; None where an outer run hears, and judges, this one too."""
    if NAMED in os.environ:
        return None
    begun = Watch(Path(tempfile.mkdtemp(prefix="siaga-witness-")))
    os.environ.update(environment(begun.folder))
    hear(begun.folder)
    return begun


def environment(folder: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a program is started with besides, so that it is heard into this folder from its first line."""
    ours = [str(STARTUP), str(ROOT)]
    others = [one for one in environ.get("PYTHONPATH", "").split(os.pathsep) if one and one not in ours]
    return {NAMED: str(folder), "PYTHONPATH": os.pathsep.join([*ours, *others])}

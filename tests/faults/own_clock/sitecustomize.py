"""Gives a service a clock of its own: Python imports this before anything else where its folder is on PYTHONPATH.

A service for which there is a clock's file is started once more under libfaketime, in the same process, so
its supervisor notices nothing. Python imports one such file alone, so a run that is watched is heard from here.
"""

import os
import sys
from pathlib import Path

FOLDER, LIBRARY, WITNESS = "SIAGA_FAULTS_CLOCKS", "SIAGA_FAULTS_FAKETIME", "SIAGA_WITNESS"


def under_its_own_clock() -> None:
    """Start this program again under the clock that lies in the folder; nothing where there is none."""
    folder, words = os.environ.get(FOLDER), sys.orig_argv
    if not folder or "LD_PRELOAD" in os.environ or "-m" not in words[:-1]:
        return
    clock = Path(folder) / words[words.index("-m") + 1]
    if not clock.is_file():
        return
    os.environ |= {"LD_PRELOAD": os.environ[LIBRARY], "FAKETIME_TIMESTAMP_FILE": str(clock)}
    os.execv(sys.executable, words)


def heard() -> None:
    """Let this program be heard where the run is watched."""
    if WITNESS in os.environ:
        from tests.witness.hearing import hear

        hear(Path(os.environ[WITNESS]))


under_its_own_clock()
heard()

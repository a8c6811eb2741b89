"""Gives a service a clock of its own: Python imports this before anything else where its folder is on PYTHONPATH.

A service for which there is a clock's file is started once more under libfaketime, in the same process, so
its supervisor notices nothing.
"""

import os
import sys
from pathlib import Path

FOLDER, LIBRARY = "SIAGA_FAULTS_CLOCKS", "SIAGA_FAULTS_FAKETIME"


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


under_its_own_clock()

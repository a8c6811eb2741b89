"""Python runs this in every program that a watched run starts, before the program's first line.

The folder stands first on PYTHONPATH during a test run (`tests/witness/watching.py`); no program of Siaga
knows of it, so one that does without the kit is heard all the same.
"""

import os
from pathlib import Path

from tests.witness.hearing import hear

hear(Path(os.environ["SIAGA_WITNESS"]))

"""A failing seed is worth something only if it fails again: the same story, byte for byte, in any process."""

import os
import subprocess
import sys
from pathlib import Path

from tests.simulation.hour import Plan, simulate

HERE = Path(__file__).parents[2]
TELL = """
from tests.simulation.hour import Plan, simulate
outcome, story = simulate("{seed}", Plan(calls=12, seconds=900, weather="storm"))
print(*story.lines(), outcome, sep="\\n")
"""


def told_by_another_process(seed: str, *, hashed: str) -> str:
    """Return the story as a fresh process tells it, whose sets and hashes have another order."""
    environment = {**os.environ, "PYTHONHASHSEED": hashed, "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-c", TELL.format(seed=seed)]
    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_two_processes_with_other_hashes_tell_one_seed_alike_byte_for_byte() -> None:
    first = told_by_another_process("7", hashed="1")
    assert first == told_by_another_process("7", hashed="2")
    assert len(first.splitlines()) > 200


def test_another_seed_tells_another_story() -> None:
    plan = Plan(calls=5, seconds=300)
    assert simulate("1", plan)[1].digest() != simulate("2", plan)[1].digest()

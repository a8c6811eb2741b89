"""`make mutate`: changes the pure rooms' code, one small thing at a time, and looks whether a test notices.

ONLY= names rooms or how they begin (`triage`, `kit`, `dispatch.domain`); a room whose code and tests are as they
were is not tried again. The report is bench/out/mutants.md.
"""

import os
import sys
import time

from tests.mutants.explained import read_explanations
from tests.mutants.report import fails, page, share
from tests.mutants.results import Mutant
from tests.mutants.rooms import ROOMS, ROOT, Room
from tests.mutants.workshop import MutationFailed, mutants_of

OUT = ROOT / "bench" / "out" / "mutants.md"


def main() -> int:
    """Try the rooms, write the report; 1 where a room is below the goal or a survivor is not explained."""
    explanations = read_explanations()
    rooms = wanted(os.environ.get("ONLY", ""))
    if not rooms:
        say(f"ONLY names no room; there are {', '.join(ROOMS)}")
        return 2
    found = {room.name: mutants for room in rooms if (mutants := _tried(room)) is not None}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(f"# Mutants\n\n{page(found, explanations)}", encoding="utf-8")
    say(f"written to {OUT.relative_to(ROOT)}")
    failed = len(found) < len(rooms) or any(fails(mutants, explanations) for mutants in found.values())
    return 1 if failed else 0


def _tried(room: Room) -> list[Mutant] | None:
    """Try one room; None where the tool did not come to an end, which keeps no other room from its turn."""
    began = time.monotonic()
    try:
        mutants = mutants_of(room)
    except MutationFailed as error:
        say(str(error))
        return None
    say(f"{room.name}: {share(mutants):.1%} of {len(mutants)} killed ({time.monotonic() - began:.0f} s)")
    return mutants


def wanted(only: str) -> list[Room]:
    """Return the rooms whose names begin with one of these words, or all."""
    words = tuple(only.replace(",", " ").split())
    return [room for name, room in ROOMS.items() if not words or name.startswith(words)]


def say(sentence: str) -> None:
    """Tell who waits."""
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    raise SystemExit(main())

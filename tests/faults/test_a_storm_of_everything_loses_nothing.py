"""Everything at once for about four minutes: nothing is lost, nothing happens twice, and the figures are the log's.

Services are killed and paused, the broker and the store go away, events are broken in thirty ways, and
agencies' endpoints lie (promises 1, 2, 3, 4, 8 and 12), by one seed; in the end everything is counted
again from the log (promise 17). How long each thing may take is judged by `make faults`, which needs a
machine that does nothing else.
"""

from pathlib import Path

import pytest

from tests.faults.checker import RECOVERY, violations
from tests.faults.history import KILL, PAUSE, History
from tests.faults.liars import Lie
from tests.faults.noted import LIES_TOLD, POISON
from tests.faults.poison import CODE_RAISES, WAYS
from tests.faults.promises import PROMISES
from tests.faults.running import run
from tests.faults.setting import Setting

pytestmark = pytest.mark.faults

STORM = Setting(seed=112, calls_per_second=1.0, quiet=8.0, length=150.0, calm=12.0)


async def test_a_storm_of_everything_loses_nothing_and_the_figures_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\na storm by seed {STORM.seed} …", end=" ", flush=True)  # noqa: T201 - a run names its seed
    history = await run(PROMISES[0], STORM, tmp_path / "home", lambda _: None)
    found = [str(one) for one in violations(history, PROMISES[0].checks) if one.kind != RECOVERY]
    assert found == [], "\n".join(found)
    assert_it_was_a_storm(history)


def assert_it_was_a_storm(history: History) -> None:
    """A calm day would hold every promise."""
    hit = {(one.kind, one.program) for one in history.faults}
    assert {(PAUSE, "kafka"), (PAUSE, "store"), (KILL, "store")} <= hit
    assert sum(1 for one in history.faults if one.kind == KILL) > 8
    assert {one["way"] for one in history.noted[POISON]} == {*WAYS, CODE_RAISES}
    assert set(Lie) <= {kind for kind, _ in hit}
    assert history.noted[LIES_TOLD]
    assert len(history.inputs.told) == 4 * STORM.calls
    assert len(history.inputs.escalated) > STORM.calls / 3

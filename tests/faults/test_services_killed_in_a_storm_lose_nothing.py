"""Services are killed one after the other while calls come: nothing is lost, nothing happens twice, figures agree.

One seed and half a minute of kills; `make faults` tries more, and judges the time until all is normal
again, which needs a machine that does nothing else.
"""

from pathlib import Path

import pytest

from tests.faults.checker import RECOVERY, violations
from tests.faults.promises import PROMISES
from tests.faults.running import run
from tests.faults.setting import Setting

pytestmark = pytest.mark.faults

SHORT = Setting(seed=112, calls_per_second=1.0, quiet=5.0, length=30.0, calm=10.0)


async def test_killed_services_lose_nothing_and_repeat_no_effect(tmp_path: Path) -> None:
    history = await run(PROMISES[1], SHORT, tmp_path / "home", lambda _: None)
    assert len(history.faults) >= 5
    assert len(history.inputs.told) == 4 * SHORT.calls
    assert len(history.inputs.escalated) > 10
    assert [str(one) for one in violations(history) if one.kind != RECOVERY] == []

"""The bare loop does triage's work, and what the bench claims of interrupted commands and rebuilds holds in short, too."""

from pathlib import Path

import pytest

from bench.catch_up import measure_catch_up
from bench.parts import Bench, beside, growth, rebuild
from bench.sizes import SMOKE

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog can be counted only where nobody else's events are, so given servers are not taken."""
    for name in ("KAFKA_BOOTSTRAP", "MONGO_URL"):
        monkeypatch.delenv(name, raising=False)


async def test_triage_and_the_bare_loop_do_the_same_work_on_one_backlog(tmp_path: Path) -> None:
    compared = await measure_catch_up(tmp_path, SMOKE)
    assert compared.events == 2 * SMOKE.backlog_calls
    for turn in (*compared.ours, *compared.floor):
        assert turn.documents == SMOKE.backlog_calls
        assert turn.writes == pytest.approx(compared.events, rel=0.1)
        assert turn.document_bytes == pytest.approx(compared.ours[0].document_bytes, rel=0.2)
        assert turn.pace.events_per_second > 0


async def test_the_acts_beside_others_a_rebuild_and_growth_come_out_whole(tmp_path: Path) -> None:
    bench = Bench(SMOKE, tmp_path)
    sections = [section for part in (beside, rebuild, growth) for section in await part(bench)]
    told = {figure.name: figure for section in sections for figure in section.figures}
    assert told["interrupted and repeated commands"].met, told["interrupted and repeated commands"].value
    assert told["rebuilt figures equal"].met, told["rebuilt figures equal"].value
    assert told["call: all steps"].value

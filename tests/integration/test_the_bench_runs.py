"""The floor does the product's work, and what the bench claims of interrupted commands and rebuilds holds in short, too."""

from pathlib import Path

import httpx
import pytest

from bench.capacity import Trying
from bench.catch_up import measure_catch_up
from bench.floor.topics import make_topics
from bench.load import GENERATOR
from bench.load_figures import lost_of
from bench.parts import Bench, beside, growth, rebuild
from bench.sizes import SMOKE
from bench.system import system_on
from bench.whole_flow import turn_of_bare, turn_of_ours
from service_kit.documents import Client, connect, database
from siaga_embedded.servers import machine

pytestmark = pytest.mark.integration

KEPT_BY_BOTH = (
    ("intake", "calls"),
    ("triage", "desk_calls"),
    ("triage", "tickets"),
    ("dispatch", "responses"),
    ("agency_notifier", "responses"),
    ("agency_notifier", "deliveries"),
)

AN_EVENT_ASKS = {
    "reads": 2 * SMOKE.backlog_tickets,
    "inserts": SMOKE.backlog_tickets,
    "updates": SMOKE.backlog_tickets,
    "deletes": 0,
    "told": 2 * SMOKE.backlog_tickets,
}
"""Of each ticket's two events: both are read and told on, the first is inserted, the second replaces it."""


@pytest.fixture(autouse=True)
def own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog can be counted only where nobody else's events are, so given servers are not taken."""
    for name in ("KAFKA_BOOTSTRAP", "MONGO_URL"):
        monkeypatch.delenv(name, raising=False)


async def test_dispatch_and_bare_dispatch_do_the_same_work_on_one_backlog(tmp_path: Path) -> None:
    compared = await measure_catch_up(tmp_path, SMOKE, Bench(SMOKE, tmp_path).note)
    assert compared.events == 2 * SMOKE.backlog_tickets
    for turn in (*compared.ours, *compared.floor):
        assert turn.documents == SMOKE.backlog_tickets
        assert turn.writes == pytest.approx(compared.events, rel=0.1)
        assert turn.document_bytes == pytest.approx(compared.ours[0].document_bytes, rel=0.2)
        assert turn.pace.events_per_second > 0
        told = {**turn.deeds.commands, "told": turn.deeds.told}
        assert told == pytest.approx(AN_EVENT_ASKS, rel=0.12, abs=12), told


async def test_the_acts_beside_others_a_rebuild_and_growth_come_out_whole(tmp_path: Path) -> None:
    bench = Bench(SMOKE, tmp_path)
    sections = [section for part in (beside, rebuild, growth) for section in await part(bench)]
    told = {figure.name: figure for section in sections for figure in section.figures}
    assert told["interrupted and repeated commands"].met, told["interrupted and repeated commands"].value
    assert told["rebuilt figures equal"].met, told["rebuilt figures equal"].value
    assert told["call: all steps"].value


async def test_the_bare_programs_write_what_the_services_write(tmp_path: Path) -> None:
    """The floor is honest: of each kind as many documents, as often written."""
    calls = 8
    async with machine(tmp_path) as running, httpx.AsyncClient(timeout=5, trust_env=False) as client:
        system = system_on(running)
        await make_topics(running.servers.kafka_bootstrap)
        await turn_of_ours(system, client, calls)
        await turn_of_bare(system, tmp_path, calls)
        store = connect(running.servers.mongo_url, service="bench-test")
        ours, bare = [await _kept(store, prefix) for prefix in ("siaga_", "floor_")]
        await store.close()
    assert {name: documents for name, (documents, _) in bare.items()} == {
        name: documents for name, (documents, _) in ours.items()
    }
    assert sum(writes for _, writes in bare.values()) == pytest.approx(
        sum(writes for _, writes in ours.values()), rel=0.1
    ), (ours, bare)


async def test_a_rate_is_tried_on_a_whole_system_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    async with machine(tmp_path) as running, httpx.AsyncClient(trust_env=False) as client:
        system = system_on(running)
        await system.start_services(client)
        trying = Trying(system, client)
        for _ in range(2):
            await trying.holds(2.0, 3.0)
        for step in trying.steps:
            assert lost_of(step.loaded) == 0, step.loaded
            assert len(step.loaded.acknowledged) == 4 * step.loaded.calls
            assert GENERATOR in step.loaded.cores


async def _kept(store: Client, prefix: str) -> dict[str, tuple[int, int]]:
    """Return how many documents of each kind there are, and how often they were written in all."""
    kept = {}
    for service, collection in KEPT_BY_BOTH:
        found = await database(store, f"{prefix}{service}")[collection].find().to_list()
        kept[f"{service}.{collection}"] = (len(found), sum(one["version"] for one in found))
    return kept

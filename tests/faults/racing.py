"""Reads how many late writes lost their race, as each service counts them itself."""

from collections.abc import Iterator

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.promises.promise import Stage

RACES = "lost races"
COUNTED = "siaga_lost_races_total"


async def lost_races_are_noted(stage: Stage) -> None:
    """Note how many writes of each service's first process lost, by what they wanted to change."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as door:
        stage.noted[RACES] = {
            service: dict(_races((await door.get(f"{address}/metrics")).raise_for_status().text))
            for service, address in stage.system.addresses.items()
        }


def _races(metrics: str) -> Iterator[tuple[str, int]]:
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name == COUNTED:
                yield sample.labels["collection"], int(sample.value)

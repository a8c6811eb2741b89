"""Nothing anywhere uses a weak guarantee: the settings in force, and no way around them."""

import re
from pathlib import Path

import pytest
from faststream import AckPolicy
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from service_kit.documents import connect, database
from service_kit.listener import Listener
from service_kit.producer import Producer, slot_of
from service_kit.tenancy import Tenants

ROOT = Path(__file__).parents[3]
OUTSIDE_THE_KIT = [
    path for folder in ("services", "cli", "demo") for path in (ROOT / folder).rglob("src/**/*.py")
]
WAYS_AROUND = re.compile(r"AIOKafkaProducer|AIOKafkaConsumer|KafkaBroker|MongoClient\(|find_one_and_")
READERS_OF_THE_LOG = frozenset({"cli/src/siaga_cli/board/listening.py"})
"""Programs that only look at the log, without a group, and change nothing."""


def test_the_producer_waits_for_all_replicas_and_is_idempotent() -> None:
    settings = Producer("127.0.0.1:9", client="test").settings()
    assert (settings["acks"], settings["enable_idempotence"]) == ("all", True)


def a_listener(replica: str | None = None) -> Listener:
    return Listener(
        "127.0.0.1:9",
        group="test",
        topics=["call.received"],
        handle=lambda _: pytest.fail("nothing is heard here"),
        tenants=Tenants(),
        dead_letters=None,  # type: ignore[arg-type]
        broken=lambda _: None,
        replica=replica,
    )


@pytest.mark.parametrize(("replica", "instance"), [("2", "test-2"), (None, None)])
async def test_a_named_replica_keeps_its_place_in_the_group(
    replica: str | None, instance: str | None
) -> None:
    in_force = a_listener(replica)._subscriber._connection_args
    assert in_force["group_instance_id"] == instance


async def test_the_listener_acknowledges_by_hand_and_begins_at_the_earliest() -> None:
    settings = a_listener().settings()
    assert settings["ack_policy"] is AckPolicy.MANUAL
    assert (settings["auto_offset_reset"], settings["batch"], settings["no_reply"]) == (
        "earliest",
        True,
        True,
    )


async def test_a_busy_partition_is_fetched_in_small_pieces_so_that_it_starves_no_other() -> None:
    """A2: aiokafka hands out a partition's whole fetched piece, 1 MiB by default, before the next one's."""
    listener = a_listener()
    in_force = listener._subscriber._connection_args
    assert in_force["max_partition_fetch_bytes"] == listener.settings()["max_partition_fetch_bytes"] == 65_536
    assert listener._subscriber.max_records == listener.settings()["max_records"] == 200


async def test_every_database_writes_to_the_majority_and_the_journal() -> None:
    client = connect("mongodb://127.0.0.1:9", service="test")
    made = database(client, "any")
    assert made.write_concern == WriteConcern(w="majority", j=True)
    assert made.read_concern == ReadConcern("majority")
    assert made.get_collection("any").write_concern == WriteConcern(w="majority", j=True)
    await client.close()


@pytest.mark.parametrize("path", OUTSIDE_THE_KIT, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_outside_the_kit_makes_a_consumer_a_producer_or_a_client(path: Path) -> None:
    if str(path.relative_to(ROOT)) in READERS_OF_THE_LOG:
        return
    assert WAYS_AROUND.findall(path.read_text("utf-8")) == []


def test_a_call_stays_in_one_of_its_tenants_slots() -> None:
    places = {slot_of(f"call-{number}", (2, 5)) for number in range(100)}
    assert places == {2, 5}
    assert slot_of("call-1", (2, 5)) == slot_of("call-1", (2, 5))

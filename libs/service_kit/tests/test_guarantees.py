"""Nothing anywhere uses a weak guarantee: the settings in force, and no way around them."""

import ast
from collections.abc import Iterator
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
    path
    for folder in ("services", "cli", "demo", "deploy/embedded")
    for path in (ROOT / folder).rglob("src/**/*.py")
]
PRODUCTS = frozenset({"aiokafka", "confluent_kafka", "faststream", "kafka", "motor", "pymongo"})
HARMLESS = frozenset(
    {
        "aiokafka.ConsumerRecord",
        "aiokafka.errors",
        "pymongo.ASCENDING",
        "pymongo.ReplaceOne",
        "pymongo.IndexModel",
        "pymongo.errors",
    }
)
"""What may be imported of a product outside the kit: words and errors, nothing that opens a connection."""
EXCEPTED = {
    "cli/src/siaga_cli/board/listening.py": {"aiokafka.AIOKafkaConsumer"},  # looks, without a group
    "deploy/embedded/src/siaga_embedded/kafka.py": {
        "aiokafka.admin.AIOKafkaAdminClient"
    },  # asks whether the broker is there
    "deploy/embedded/src/siaga_embedded/store.py": {
        "pymongo.AsyncMongoClient",
        "pymongo.read_concern.ReadConcern",
    },  # is it there
}


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
        blame=None,  # type: ignore[arg-type]
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


def imported(path: Path) -> Iterator[str]:
    """Give what a file imports of the products behind the kit, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                found = [one.name for one in names]
            case ast.ImportFrom(module=str(module), names=names):
                whole = module in {"aiokafka.errors", "pymongo.errors"}
                found = [module] if whole else [f"{module}.{one.name}" for one in names]
            case _:
                continue
        yield from (one for one in found if one.partition(".")[0] in PRODUCTS)


@pytest.mark.parametrize("path", OUTSIDE_THE_KIT, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_outside_the_kit_makes_a_consumer_a_producer_or_a_client(path: Path) -> None:
    allowed = HARMLESS | EXCEPTED.get(str(path.relative_to(ROOT)), set())
    assert {*imported(path)} - allowed == set()
    assert "find_one_and_" not in path.read_text("utf-8")


def test_a_call_stays_in_one_of_its_tenants_slots() -> None:
    places = {slot_of(f"call-{number}", (2, 5)) for number in range(100)}
    assert places == {2, 5}
    assert slot_of("call-1", (2, 5)) == slot_of("call-1", (2, 5))

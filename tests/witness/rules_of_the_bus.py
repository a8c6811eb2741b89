"""What is weak about a producer, a consumer or a topic: each rule with its decision (docs/architecture.md). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service_kit.topics_setup import DEAD_LETTER_RETENTION_MS, LARGEST_MESSAGE_BYTES
from shared_schemas.topics import TOPICS
from tests.witness.deeds import Reader, Sender

ALL_REPLICAS = -1
LETTERS = ".dlq"
FOR_EVER = "-1"


def weak_sender(sender: Sender) -> Iterator[str]:
    """Tell what is weak about a producer."""
    if sender.acks != ALL_REPLICAS:
        yield f"takes acks={sender.acks} for kept, not the word of all replicas in sync (A2)"
    if not sender.idempotent:
        yield "is not idempotent: its own retries double and reorder (A2)"
    limit = LARGEST_MESSAGE_BYTES * (2 if sender.client.endswith("-dlq") else 1)
    if sender.largest_bytes >= limit:
        yield f"takes requests of {sender.largest_bytes} bytes, and the topic refuses those from {limit} (A2)"


def weak_reader(reader: Reader) -> Iterator[str]:
    """Tell what is weak about a consumer."""
    if reader.commits_by_itself:
        yield "commits by a timer, before its work is done (A2)"
    if reader.begins != "earliest":
        yield f"begins at the {reader.begins} record where it has no place, and skips what came before (A2)"


@dataclass(frozen=True, slots=True)
class LivingTopic:
    """One topic as the broker says it is; `configuration` holds the broker's defaults too."""

    name: str
    partitions: int
    replicas: int
    configuration: Mapping[str, str]


def weak_topic(topic: LivingTopic, *, partitions: int, replicas: int) -> Iterator[str]:
    """Tell what is weaker about a topic than its contract and the settings say."""
    promised = _promised(topic.name, replicas)
    if promised is None:
        yield "has no contract: somebody without the kit made it"
        return
    for name, value in promised.items():
        found = topic.configuration.get(name)
        if found != value:
            yield f"has {name}={found}, promised is {value}"
    if topic.replicas < replicas:
        yield f"is kept {topic.replicas} times, promised is {replicas}"
    contract = TOPICS.get(topic.name)
    wanted = partitions if contract is not None and contract.partitions == "slots" else 1
    if topic.partitions != wanted:
        yield f"has {topic.partitions} partitions, promised are {wanted}: the slots of tenants point elsewhere"


def _promised(name: str, replicas: int) -> dict[str, str] | None:
    common = {
        "min.insync.replicas": str(max(1, replicas - 1)),
        "unclean.leader.election.enable": "false",
        "retention.bytes": FOR_EVER,
    }
    if name.endswith(LETTERS):
        letters = {"cleanup.policy": "delete", "retention.ms": str(DEAD_LETTER_RETENTION_MS)}
        return common | letters | {"max.message.bytes": str(2 * LARGEST_MESSAGE_BYTES)}
    contract = TOPICS.get(name)
    if contract is None:
        return None
    promised = common | {"max.message.bytes": str(LARGEST_MESSAGE_BYTES)}
    if contract.compacted:
        return promised | {"cleanup.policy": "compact"}
    kept = contract.retention
    milliseconds = FOR_EVER if kept is None else str(int(kept.total_seconds() * 1000))
    return promised | {"cleanup.policy": "delete", "retention.ms": milliseconds}


def weak_broker(configuration: Mapping[str, str]) -> Iterator[str]:
    """Tell what is weak about the broker's own settings."""
    if configuration.get("auto.create.topics.enable") != "false":
        yield "makes a topic of any misspelt name, with its own defaults (A2)"

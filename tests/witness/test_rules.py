"""The rules of promise 6 as tables: what is strong says nothing, each way to be weaker says one thing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service_kit.topics_setup import _dead_letter_topic, _new
from shared_schemas.topics import TOPICS
from tests.witness.deeds import Command, Form, Reader, Sender
from tests.witness.excepted import is_excepted
from tests.witness.notes import Notes, program_of, read_notes
from tests.witness.rules_of_the_bus import LivingTopic, weak_broker, weak_reader, weak_sender, weak_topic
from tests.witness.rules_of_the_store import weaknesses
from tests.witness.verdict import judge

SAVED = Form(("_id", "version"), ("replace",), ("_id", "outbox", "state", "version"))
SAVE = Command("a.b", "update", "siaga_triage", "tickets", "majority", journal=True, forms=(SAVED,))
LOOK = Command("a.b", "find", "siaga_triage", "tickets", read_concern="majority")
SENDER = Sender("a.b", "triage", -1, idempotent=True, largest_bytes=900_000)
READER = Reader("a.b", "triage", "triage", commits_by_itself=False, begins="earliest")
BY_DEFAULT = {"unclean.leader.election.enable": "false", "retention.bytes": "-1", "retention.ms": "604800000"}


@pytest.mark.parametrize(
    "command",
    [
        SAVE,
        LOOK,
        replace(SAVE, forms=(Form(("_id",), ("$pull",), ("outbox",)),)),
        replace(SAVE, name="insert", forms=(Form(("_id",), ("insert",)),)),
        replace(LOOK, preference="primaryPreferred"),
        Command("a.b", "getMore", "siaga_triage", "tickets"),
    ],
)
def test_what_is_as_decided_says_nothing(command: Command) -> None:
    assert [*weaknesses(command)] == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (replace(SAVE, w=1), "asks for w=1"),
        (replace(SAVE, w=0), "asks for w=0"),
        (replace(SAVE, journal=None), "j=None"),
        (replace(LOOK, read_concern="local"), "reads at local concern"),
        (replace(LOOK, preference="secondary"), "reads from secondary"),
        (replace(SAVE, marks=("transaction",)), "belongs to a transaction"),
        (replace(LOOK, name="aggregate", marks=("$changeStream",)), "follows a change stream"),
        (replace(LOOK, name="aggregate", marks=("$merge",)), "writes inside a read"),
        (replace(SAVE, name="findAndModify", forms=()), "hides the decision"),
        (replace(SAVE, name="collMod", forms=()), "is not known to the rules"),
        (replace(SAVE, forms=(replace(SAVED, found_by=("_id",)),)), "whatever its version"),
        (replace(SAVE, forms=(replace(SAVED, found_by=("number", "version")),)), "by number, version"),
        (replace(SAVE, forms=(Form(("_id",), ("$set",), ("state",)),)), "in place"),
        (replace(SAVE, forms=(Form(("_id",), ("$inc",), ("seen",)),)), "does $inc"),
        (replace(SAVE, forms=(Form(("_id",), ("pipeline",)),)), "does pipeline"),
        (
            replace(SAVE, forms=(Form(("_id", "status"), ("$set",), ("status",), many=True),)),
            "many documents",
        ),
        (replace(SAVE, name="delete", forms=(Form((), ("delete",)),)), "by nothing"),
        (replace(SAVE, name="insert", forms=(Form((), ("insert",)),)), "leaves the `_id` to the driver"),
    ],
)
def test_each_way_to_be_weaker_says_one_thing(command: Command, said: str) -> None:
    [sentence] = weaknesses(command)
    assert said in sentence


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        (replace(SENDER, acks=1), "acks=1"),
        (replace(SENDER, idempotent=False), "not idempotent"),
        (replace(SENDER, largest_bytes=1_048_576), "the topic refuses"),
    ],
)
def test_a_weak_producer_is_told(sender: Sender, said: str) -> None:
    assert [*weak_sender(SENDER)] == []
    [sentence] = weak_sender(sender)
    assert said in sentence


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (replace(READER, commits_by_itself=True), "by a timer"),
        (replace(READER, begins="latest"), "begins at the latest"),
        (replace(READER, group=None, begins="latest"), "begins at the latest"),
    ],
)
def test_a_weak_consumer_is_told(reader: Reader, said: str) -> None:
    assert [*weak_reader(READER)] == []
    [sentence] = weak_reader(reader)
    assert said in sentence


def made(name: str, *, replicas: int = 3) -> LivingTopic:
    """A topic as a broker would have it that the kit has just asked."""
    asked = _new(TOPICS[name], 6, replicas) if name in TOPICS else _dead_letter_topic(name, replicas)
    configuration = {"cleanup.policy": "delete", **BY_DEFAULT, **asked.topic_configs}
    return LivingTopic(name, asked.num_partitions, asked.replication_factor, configuration)


@pytest.mark.parametrize("name", [*TOPICS, "triage.dlq"])
@pytest.mark.parametrize("replicas", [1, 3])
def test_a_topic_that_the_kit_made_is_as_promised(name: str, replicas: int) -> None:
    assert [*weak_topic(made(name, replicas=replicas), partitions=6, replicas=replicas)] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min.insync.replicas", "1"),
        ("unclean.leader.election.enable", "true"),
        ("retention.ms", str(int(timedelta(days=1).total_seconds() * 1000))),
        ("retention.bytes", "1073741824"),
        ("cleanup.policy", "compact"),
        ("max.message.bytes", "1000"),
    ],
)
@pytest.mark.parametrize("topic", ["ticket.escalated", "triage.dlq"])
def test_a_topic_that_is_kept_worse_is_told(topic: str, name: str, value: str) -> None:
    living = made(topic)
    worse = replace(living, configuration={**living.configuration, name: value})
    [sentence] = weak_topic(worse, partitions=6, replicas=3)
    assert f"has {name}={value}, promised is" in sentence


def test_fewer_copies_other_partitions_and_topics_of_nobody_are_told() -> None:
    living = made("ticket.escalated")
    assert [*weak_topic(replace(living, replicas=1), partitions=6, replicas=3)] == [
        "is kept 1 times, promised is 3"
    ]
    [moved] = weak_topic(replace(living, partitions=5), partitions=6, replicas=3)
    assert "has 5 partitions, promised are 6" in moved
    [stray] = weak_topic(replace(living, name="ticket.escalatd"), partitions=6, replicas=3)
    assert "has no contract" in stray


def test_a_broker_that_makes_topics_by_itself_is_told() -> None:
    assert [*weak_broker({"auto.create.topics.enable": "false"})] == []
    assert [*weak_broker({"auto.create.topics.enable": "true"})] != []


def test_an_exception_is_one_deed_of_one_place() -> None:
    drop = Command("tests.integration.test_x.store", "dropDatabase", "test_1", "")
    assert is_excepted(drop)
    assert not is_excepted(replace(drop, by="triage.storage.tickets.Tickets.drop"))
    assert not is_excepted(replace(drop, by="tests_of_another.drop"))
    assert not is_excepted(replace(drop, name="drop"))
    assert is_excepted(replace(SENDER, by="tests.faults.poisoning.poison"))
    assert not is_excepted(replace(READER, by="tests.faults.poisoning.poison"))


def test_a_process_that_was_killed_before_its_first_line_is_read(tmp_path: Path) -> None:
    (tmp_path / "1-a.jsonl").touch()
    [nobody] = read_notes(tmp_path)
    assert (nobody.program, nobody.deeds) == ("?", {})


def test_what_a_process_did_is_read_as_often_as_it_did_it(tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    for deed in (SAVE, LOOK, SAVE, SENDER, READER):
        notes.add(deed)
    [heard] = read_notes(tmp_path)
    assert heard.deeds == {SAVE: 2, LOOK: 1, SENDER: 1, READER: 1}
    weak = replace(LOOK, read_concern="local")
    notes.add(weak)
    verdict = judge(read_notes(tmp_path))
    assert (verdict.commands, verdict.senders, verdict.readers) == (4, 1, 1)
    [sentence] = verdict.sentences
    assert sentence.endswith(
        "find on siaga_triage.tickets reads at local concern what may be rolled back, not at majority (A8) [a.b]"
    )


@pytest.mark.parametrize(
    ("words", "program"),
    [
        (["/usr/bin/python3", "-m", "intake"], "intake"),
        (["python", "-X", "dev", "-m", "triage", "-v"], "triage"),
        (["python", ".venv/bin/siaga", "run"], "siaga"),
        (["python", "-c", "print()"], "python"),
    ],
)
def test_a_program_is_named_by_what_it_runs(words: list[str], program: str) -> None:
    assert program_of(words) == program

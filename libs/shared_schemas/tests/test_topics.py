"""The topics are the eleven that were decided, and every one of them can be used as it is described."""

import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from shared_schemas.events import CallState, TenantConfigured, TicketClosed
from shared_schemas.examples import read_example
from shared_schemas.places import Places, this_checkout
from shared_schemas.topics import TOPICS, TopicUnreadable, UnknownEvent, model_of, read_topics

ELEVEN = """
    call.received call.updated ticket.opened ticket.updated ticket.escalated ticket.closed
    task.assigned task.updated agency.replied notification.updated tenant.configured
""".split()


def test_the_topics_are_the_eleven() -> None:
    assert set(TOPICS) == set(ELEVEN)


def test_every_topic_is_heard_by_statistics() -> None:
    assert {name for name, topic in TOPICS.items() if "statistics" in topic.consumers} == set(ELEVEN)


def test_figures_can_be_built_again_from_a_year_of_log() -> None:
    kept = [topic.retention for topic in TOPICS.values() if not topic.compacted]
    assert all(retention is not None and retention >= timedelta(days=366) for retention in kept)


def test_tenants_are_kept_for_ever_in_one_partition() -> None:
    topic = TOPICS["tenant.configured"]
    assert (topic.compacted, topic.retention, topic.partitions) == (True, None, "single")
    assert {name for name, one in TOPICS.items() if one.partitions == "single"} == {topic.name}


def test_a_version_has_its_model() -> None:
    assert model_of("call.received", 1) is CallState
    assert model_of("tenant.configured", TOPICS["tenant.configured"].major) is TenantConfigured


@pytest.mark.parametrize(
    ("topic", "major"), [("call.lost", 1), ("", 1), ("call.received", 2), ("call.received", 0)]
)
def test_an_unknown_topic_or_version_is_named_with_the_known_ones(topic: str, major: int) -> None:
    with pytest.raises(UnknownEvent, match="known are"):
        model_of(topic, major)


def test_key_and_subject_come_from_the_body() -> None:
    example = read_example(this_checkout().examples / "ticket.closed" / "v1" / "the-fire-is-out.json")
    closed = TicketClosed.model_validate(example.data)
    topic = TOPICS["ticket.closed"]
    assert topic.key_of(closed) == closed.ticket_id
    assert topic.subject_of(closed) == example.headers["ce_subject"]


def test_the_topics_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TOPICS["call.received"] = TOPICS["call.updated"]  # type: ignore[index] # that is the point


BROKEN_LINES = {
    "a model that is not there": ("model: CallState", "model: CallStory"),
    "no key": ("key: call_id", ""),
    "a key that the body has not": ("key: call_id", "key: colour"),
    "a subject of what the body has not": ("subject: call/{call_id}", "subject: call/{colour}"),
    "a strange partitioning": ("partitioning: slots", "partitioning: round-robin"),
    "a strange policy": ("cleanup_policy: delete", "cleanup_policy: keep"),
    "a version that is no number": ("  v1:", "  first:"),
    "sources that are not its producers": ("sources: [intake]", "sources: [triage]"),
    "what is no YAML": ("purpose:", "purpose: [}"),
    "a list": ("purpose:", "- purpose:"),
}


@pytest.mark.parametrize(("old", "new"), BROKEN_LINES.values(), ids=BROKEN_LINES.keys())
def test_a_topic_that_says_something_impossible_is_refused_with_its_file(
    checkout: Places, old: str, new: str
) -> None:
    path = checkout.topics / "call.received.yaml"
    said = path.read_text(encoding="utf-8")
    assert old in said
    path.write_text(said.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TopicUnreadable, match=r"call\.received\.yaml"):
        read_topics(checkout.topics)


def test_a_wheel_carries_the_topics_and_finds_them(tmp_path: Path) -> None:
    library = this_checkout().contracts
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=library, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = "from shared_schemas import topics; print(topics.__file__); print(len(topics.TOPICS))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path / "installed")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert Path(said[0]).is_relative_to(tmp_path)
    assert said[1] == "11"

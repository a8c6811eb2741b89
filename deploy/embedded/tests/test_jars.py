"""Kafka's jars: exactly those of the lock."""

import hashlib
from pathlib import Path

import pytest

from siaga_embedded.jars import Jar, JarsNotUsable, class_path, ensure, read_lock

CONTENT = b"a jar"
JAR = Jar("org.example:bell:1.0", hashlib.sha256(CONTENT).hexdigest())


class Central:
    """Brings what it was told to bring, and counts."""

    def __init__(self, repository: Path, content: bytes | Exception) -> None:
        self._repository, self._content = repository, content
        self.asked: list[str] = []

    def __call__(self, coordinate: str) -> None:
        self.asked.append(coordinate)
        if isinstance(self._content, Exception):
            raise self._content
        path = JAR.path_in(self._repository)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._content)


def test_a_missing_jar_is_fetched_once(tmp_path: Path) -> None:
    central = Central(tmp_path, CONTENT)
    ensure([JAR], tmp_path, central)
    ensure([JAR], tmp_path, central)
    assert central.asked == ["org.example:bell:1.0"]
    assert class_path([JAR], tmp_path).endswith("org/example/bell/1.0/bell-1.0.jar")


def test_a_jar_that_was_changed_or_half_written_is_fetched_again(tmp_path: Path) -> None:
    central = Central(tmp_path, CONTENT)
    ensure([JAR], tmp_path, central)
    JAR.path_in(tmp_path).write_bytes(b"a j")
    ensure([JAR], tmp_path, central)
    assert JAR.path_in(tmp_path).read_bytes() == CONTENT


def test_a_jar_with_another_hash_is_refused_and_removed(tmp_path: Path) -> None:
    with pytest.raises(JarsNotUsable, match="SHA-256"):
        ensure([JAR], tmp_path, Central(tmp_path, b"something else"))
    assert not JAR.path_in(tmp_path).exists()


def test_a_jar_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    with pytest.raises(JarsNotUsable, match=r"org\.example:bell:1\.0.*no route") as refused:
        ensure([JAR], tmp_path, Central(tmp_path, OSError("no route")))
    assert refused.value.exit_code == 8


def test_the_lock_names_kafka_a_voice_for_its_logs_and_no_address() -> None:
    jars = {jar.coordinate: jar.sha256 for jar in read_lock()}
    assert "org.apache.kafka:kafka_2.13:4.3.1" in jars
    assert {"org.slf4j:slf4j-api:1.7.36", "org.slf4j:slf4j-simple:1.7.36"} <= jars.keys()
    assert all(len(value) == 64 for value in jars.values())
    assert not [name for name in jars if "//" in name]

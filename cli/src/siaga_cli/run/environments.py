"""Which environment each program of one machine is started with. Pure: reads nothing, starts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from siaga_embedded.ports import LOOPBACK
from siaga_embedded.servers import Servers

MAIL_DOMAIN = "demo.siaga112.example"
EXCHANGE = "pbx-ntt"
SERVICES: Mapping[str, str] = {
    "directory": "directory",
    "intake": "intake",
    "triage": "triage",
    "dispatch": "dispatch",
    "agency-notifier": "agency_notifier",
    "statistics": "statistics_service",
}
"""Every service and the module that is it."""

WEBHOOKS, MAIL = "demo-webhooks", "demo-mail"
REPLAY, CALL_TAKERS, AGENCIES = "demo-replay", "demo-call-takers", "demo-agencies"
PORTS = (*SERVICES, WEBHOOKS, MAIL)
"""Every name that needs a port."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all environments of one run are composed from."""

    data: Path
    checkout: Path
    servers: Servers
    ports: Mapping[str, int]
    speed: str
    run: str
    demo: bool = True

    @property
    def secrets(self) -> Path:
        """The secret files, for their owner only."""
        return self.data / "secrets"

    @property
    def diaries(self) -> Path:
        """What the demo's programs write down."""
        return self.data / "demo"

    @property
    def queue_log(self) -> Path:
        """The file that the demo's exchange writes and intake follows."""
        return self.data / "exchange" / EXCHANGE / "queue_log"

    @property
    def services_file(self) -> Path:
        """Each service's address by its name."""
        return self.data / "services.json"

    def address(self, name: str) -> str:
        """Return the base URL of a service, or of the demo's receiver."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def addresses(self) -> dict[str, str]:
        """Return every service's base URL."""
        return {name: self.address(name) for name in SERVICES}


ONLY_REPLICA = "1"
"""One process of each service: killed and started again it hears on at once."""

FREED_MEMORY_GOES_BACK = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
"""glibc: else the 19 MiB that each password takes stay with the process for ever."""


def service_environment(around: Surroundings, service: str) -> dict[str, str]:
    """Return a service's environment: what all need, and its own."""
    common = {
        "KAFKA_BOOTSTRAP": around.servers.kafka_bootstrap,
        "MONGO_URL": around.servers.mongo_url,
        "SIAGA_HOST": LOOPBACK,
        "SIAGA_PORT": str(around.ports[service]),
        "SIAGA_REPLICA": ONLY_REPLICA,
        "SIAGA_SECRETS_DIR": str(around.secrets),
        "SIAGA_DATA_DIR": str(around.data / service),
        "SIAGA_TOKEN_KEYS": str(around.data / "token_keys.json"),
        "SIAGA_TRACE_FILE": str(around.data / "traces" / f"{service}.jsonl"),
        **FREED_MEMORY_GOES_BACK,
    }
    return common | (_of_the_demo(around).get(service, {}) if around.demo else {})


def _of_the_demo(around: Surroundings) -> dict[str, dict[str, str]]:
    """Return what binds services to the demo; a centre's own come from the environment that it starts in."""
    return {
        "intake": {"SIAGA_QUEUE_LOGS": f"{EXCHANGE}={around.queue_log}"},
        "agency-notifier": {
            "SIAGA_PUBLIC_URL": around.address("agency-notifier"),
            "SIAGA_ALLOW_PRIVATE_ADDRESSES": "true",
            "SIAGA_SMTP_HOST": LOOPBACK,
            "SIAGA_SMTP_PORT": str(around.ports[MAIL]),
            "SIAGA_SMTP_STARTTLS": "false",
        },
    }


def tenant_placeholders(around: Surroundings) -> dict[str, str]:
    """Return what fills `${SIAGA_DEMO_…}` in the demo tenants' files."""
    return {"SIAGA_DEMO_WEBHOOKS": around.address(WEBHOOKS), "SIAGA_DEMO_MAIL_DOMAIN": MAIL_DOMAIN}


def demo_environment(around: Surroundings) -> dict[str, str]:
    """Return the environment of the demo's programs: public addresses and their own secrets' folder."""
    return {
        "SIAGA_SECRETS_DIR": str(around.secrets),
        "SIAGA_DEMO_SERVICES": str(around.services_file),
        "SIAGA_DEMO_DIR": str(around.diaries),
        "SIAGA_DEMO_PHRASES": str(around.checkout / "demo" / "phrases"),
        "SIAGA_DEMO_RECORDING": str(around.checkout / "demo" / "pbx" / "hour" / "queue_log"),
        "SIAGA_DEMO_QUEUE_LOG": str(around.queue_log),
        "SIAGA_DEMO_WEBHOOK_PORT": str(around.ports[WEBHOOKS]),
        "SIAGA_DEMO_MAIL_PORT": str(around.ports[MAIL]),
        "SIAGA_DEMO_SPEED": around.speed,
        "SIAGA_DEMO_RUN": around.run,
    }

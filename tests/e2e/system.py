"""The whole system as `make run` starts it, seen from outside like a person's second terminal."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import psutil

from siaga_cli.board.listening import hear
from siaga_cli.board.projection import Projection
from siaga_cli.run.finished import wait_until_done

ROOT = Path(__file__).parents[2]
HOUR = ROOT / "demo" / "pbx" / "hour"
READY_WITHIN_SECONDS = 180.0
DONE_WITHIN_SECONDS = 600.0
ENDS_WITHIN_SECONDS = 10.0
PAGE = 500
OTHER_SERVERS = frozenset({"KAFKA_BOOTSTRAP", "MONGO_URL"})
"""Not handed on: two systems that share a broker and a store share groups and databases, and are one."""

Json = dict[str, Any]


@dataclass
class System:
    """One `siaga run` with a data folder of its own.

    Attributes:
        under: a command under which it is started, as `nice -n 5` is.
    """

    home: Path
    speed: str = "max"
    under: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        """Start everything and wait until every service is ready."""
        self._run(*options, environment=environment)
        self._wait_until_ready()

    def start_in_vain(
        self, *options: str, environment: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[int, str]:
        """Start what will be refused; returns the exit code and what was said."""
        self._run(*options, environment=environment)
        assert self.process is not None
        return self.process.wait(timeout=READY_WITHIN_SECONDS), (self.home / "run.log").read_text()

    def _run(self, *options: str, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        command = [str(Path(sys.executable).with_name("siaga")), "run", "--no-board", "--speed", self.speed]
        with (self.home / "run.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*self.under, *command, *options],
                cwd=ROOT,
                env={**_own_environment(self.home), **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while b"Everything is ready" not in (self.home / "run.log").read_bytes():
            assert self.process.poll() is None, self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.2)

    def interrupt(self) -> float:
        """Press Ctrl-C; returns how many seconds everything took to end."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)
        return time.monotonic() - began

    def kill_everything(self) -> int:
        """Kill every process of this system at once; returns how many."""
        assert self.process is not None
        everyone = [psutil.Process(self.process.pid)]
        everyone += everyone[0].children(recursive=True)
        for one in everyone:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()
        psutil.wait_procs(everyone, timeout=10)
        return len(everyone)

    def ensure_ended(self) -> None:
        """Leave nothing behind, whatever a test did."""
        if self.process is not None and self.process.poll() is None:
            self.kill_everything()

    def logs(self) -> str:
        """Return the ends of all logs, to explain a failure."""
        parts = [self.home / "run.log", *sorted((self.home / "logs").glob("*.log"))]
        return "\n".join(f"== {one.name}\n{_tail(one)}" for one in parts if one.exists())

    @property
    def kafka_bootstrap(self) -> str:
        """The broker's address."""
        return str(self._servers["kafka_bootstrap"])

    @property
    def mongo_url(self) -> str:
        """The store's address."""
        return str(self._servers["mongo_url"])

    @property
    def _servers(self) -> Json:
        from siaga_embedded.servers import written_servers

        found = written_servers(self.home)
        assert found is not None
        return {"kafka_bootstrap": found.kafka_bootstrap, "mongo_url": found.mongo_url}

    @property
    def addresses(self) -> dict[str, str]:
        """Each service's base URL."""
        return dict(json.loads((self.home / "services.json").read_text()))

    def wait_until_done(self) -> None:
        """Wait until the replay is written and nothing is left to work on."""
        asyncio.run(self._wait_until_done())

    async def _wait_until_done(self) -> None:
        known = Projection()
        listening = asyncio.create_task(_listen(self.kafka_bootstrap, known))
        try:
            async with asyncio.timeout(DONE_WITHIN_SECONDS):
                await wait_until_done(known, self.home / "demo" / "replay.json", self.addresses)
        except TimeoutError as error:
            rest = (
                f"{known.sums()} {known.open_tasks()[:5]} {known.ticket_states()} {known.delivery_states()}"
            )
            raise AssertionError(f"not done: {rest}\n{self.logs()}") from error
        finally:
            listening.cancel()

    def wait_for_calls(self, count: int) -> None:
        """Wait until triage has seen so many calls."""
        deadline = time.monotonic() + DONE_WITHIN_SECONDS
        while len(self.all("triage", "/v1/tenants/53.03/calls", view="all")) < count:
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.1)

    @cached_property
    def door(self) -> httpx.Client:
        """A client for all services."""
        return httpx.Client(timeout=20, trust_env=False)

    def token(self, account: str = "cli", secret: str = "cli") -> str:
        """Sign in and return a token."""
        password = (self.home / "secrets" / secret).read_text().split()[0]
        answer = self.door.post(
            f"{self.addresses['directory']}/v1/tokens", json={"account": account, "password": password}
        )
        return str(answer.raise_for_status().json()["access_token"])

    def get(self, service: str, path: str, **query: str | int) -> Json:
        """Ask a service for one thing."""
        return dict(self.ask(service, path, **query).raise_for_status().json())

    def ask(self, service: str, path: str, **query: str | int) -> httpx.Response:
        """Ask a service, whatever it answers."""
        bearer = {"Authorization": f"Bearer {self.token()}"}
        return self.door.get(f"{self.addresses[service]}{path}", params=query, headers=bearer)

    def post(self, service: str, path: str, body: Json, *, account: str = "cli") -> httpx.Response:
        """Ask a service to change something."""
        headers = {
            "Authorization": f"Bearer {self.token(account, account if account == 'cli' else f'accounts/{account}')}",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        return self.door.post(f"{self.addresses[service]}{path}", json=body, headers=headers)

    def all(self, service: str, path: str, **query: str | int) -> list[Json]:
        """Return every item of a list, page after page."""
        return list(self._pages(service, path, **query))

    def _pages(self, service: str, path: str, **query: str | int) -> Iterator[Json]:
        after: dict[str, str] = {}
        while True:
            page = self.get(service, path, limit=PAGE, **query, **after)
            yield from page["items"]
            if not page.get("next"):
                return
            after = {"after": page["next"]}

    def journal(self, name: str) -> list[Json]:
        """Return what a demo program wrote down."""
        lines = (self.home / "demo" / f"{name}.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines if line.strip()]

    @property
    def shift(self) -> int:
        """The one constant that the replay added to all recorded times."""
        return int(self._hour["shift"])

    @property
    def is_replayed(self) -> bool:
        """Whether the replay has written its last line."""
        return bool(self._hour["finished"])

    @property
    def _hour(self) -> Json:
        return dict(json.loads((self.home / "demo" / "replay.json").read_text()))


def _own_environment(home: Path) -> dict[str, str]:
    """Return this process's environment for a system with a broker and a store of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in OTHER_SERVERS}
    return {**inherited, "SIAGA_HOME": str(home), "SIAGA_LANG": "en"}


async def _listen(bootstrap: str, known: Projection) -> None:
    async for events in hear(bootstrap):
        for event in events:
            known.take(event)


def _tail(path: Path, lines: int = 40) -> str:
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:])

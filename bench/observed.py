"""Runs one service as it is, and notes what it asks of the store and where its processor time goes.

`python -m bench.observed MODULE FILE`: once a second FILE says how often each command was sent to each
collection, and how many samples of the running code fell on each stage and library. A sample is taken
after every 10 ms of processor time that the process used (SIGPROF), wherever it is just then.
"""

import contextlib
import json
import runpy
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from pymongo import monitoring

SAMPLE_SECONDS = 0.01
WRITE_EVERY_SECONDS = 1.0

STAGES = (
    ("hearing events", ("service_kit/listener.py", "/faststream/")),
    ("sending events", ("service_kit/relay.py", "service_kit/producer.py")),
    ("settling the spool", ("intake/handlers/settling.py",)),
    ("notifying agencies", ("agency_notifier/gateways/pool.py",)),
    ("deadlines", ("service_kit/due.py",)),
    ("answering requests", ("/uvicorn/", "/starlette/", "/fastapi/", "/httptools/", "/h11/")),
    ("Kafka's connections", ("/aiokafka/",)),
    ("traces and logs", ("/opentelemetry/",)),
)
"""What the process was at: the first of these that is found from the outside in."""

LIBRARIES = (
    ("store's client", ("/pymongo/", "/bson/")),
    ("Kafka's client", ("/aiokafka/", "/faststream/")),
    (
        "HTTP",
        ("/uvicorn/", "/starlette/", "/fastapi/", "/h11/", "/httptools/", "/httpx/", "/httpcore/", "/anyio/"),
    ),
    ("traces", ("/opentelemetry/",)),
    ("logs", ("/structlog/", "/logging/", "/prometheus_client/")),
    ("models", ("/pydantic/", "/pydantic_core/", "shared_schemas/")),
    ("encryption", ("/cryptography/", "service_kit/vault/", "/jwt/")),
    ("service and kit", ("service_kit/", "/services/")),
)
"""Whose code ran: the first of these that is found from the inside out."""


LOOP, REST = "asyncio/base_events.py", "event loop"


def name_of(files: Sequence[str], kinds: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """Return the kind of the first file that has one."""
    for file in files:
        for name, parts in kinds:
            if any(part in file for part in parts):
                return name
    return REST


class Samples:
    """Counts where the main thread is, each time a little processor time was used."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def begin(self) -> None:
        """Take samples from now on."""
        signal.signal(signal.SIGPROF, self._take)
        signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)

    def _take(self, _: int, frame: FrameType | None) -> None:
        inside_out = list(_files(frame))
        stage = name_of(inside_out[::-1], STAGES)
        self.counts[f"{stage}|{name_of(inside_out, LIBRARIES)}"] += 1


def _files(frame: FrameType | None) -> Iterator[str]:
    """Name the files of the running code, from the inside out, as far as the event loop that runs it."""
    while frame is not None and not frame.f_code.co_filename.endswith(LOOP):
        yield frame.f_code.co_filename
        frame = frame.f_back


class Commands(monitoring.CommandListener):
    """Counts what the store is asked, by command and collection."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Count one command."""
        self.counts[f"{event.command_name} {event.command.get(event.command_name, '')}"] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Counted when it was sent."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Counted when it was sent."""


def main() -> None:
    """Run the service, observed."""
    module, file = sys.argv[1], Path(sys.argv[2])
    samples, commands = Samples(), Commands()
    monitoring.register(commands)
    threading.Thread(target=_write_for_ever, args=(file, samples, commands), daemon=True).start()
    samples.begin()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _write_for_ever(file: Path, samples: Samples, commands: Commands) -> None:
    fresh = file.with_name(f"{file.name}.new")
    while True:
        time.sleep(WRITE_EVERY_SECONDS)
        with contextlib.suppress(RuntimeError):  # counted on while it was written: the next second is soon
            told = {"samples": dict(samples.counts), "commands": dict(commands.counts)}
            fresh.write_text(json.dumps(told), encoding="utf-8")
            fresh.replace(file)


if __name__ == "__main__":
    main()

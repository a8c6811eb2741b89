"""`siaga status`: what is up, how far behind it is, and what waits; exit code 1 when something is down."""

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from siaga_cli import home
from siaga_cli.client import Answer, Services
from siaga_cli.client.refusals import not_running
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option
from siaga_cli.commands.shown.tables import say, show_json, show_table
from siaga_cli.commands.shown.words import word
from siaga_cli.wording import text

DOWN = 1
CONNECT_WITHIN_SECONDS = 2.0
SKEW = "clock_skew_seconds"
SKEWED_FROM_SECONDS = 2
_COMMON = frozenset(
    ("service", "version", "ready", "tenants", "lag", "outbox", "dead_letters", "disk_free_bytes", SKEW)
)
HEARD, REFUSED = "heard", "refused/"
_USUAL_PORTS = {"mongodb": 27_017, "": 9_092}


@dataclass(frozen=True, slots=True)
class Health:
    """What one service tells of itself; nothing at all when it is down."""

    service: str
    url: str
    report: Answer | None
    waiting_for: tuple[str, ...]

    @property
    def is_up(self) -> bool:
        """Whether it serves and makes progress, its store included."""
        return self.report is not None and not self.waiting_for and self.report.get("outbox") is not None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        known = {"service": self.service, "url": self.url, "up": self.is_up}
        return {**known, "waiting_for": list(self.waiting_for), "report": self.report}


@dataclass(frozen=True, slots=True)
class Server:
    """The broker or the store of this machine."""

    kind: str
    engine: str
    address: str
    is_up: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"kind": self.kind, "engine": self.engine, "address": self.address, "up": self.is_up}


def register(app: typer.Typer) -> None:
    """Offer `status`."""

    @app.command(
        "status",
        help=text("Tell what is up, how far behind, and what waits; exit code 1 when something is down."),
    )
    @doorway
    def status(context: typer.Context, as_json: Annotated[bool, json_option()] = False) -> None:
        with reception(context) as services, ThreadPoolExecutor(max_workers=8) as side_by_side:
            names = list(services.addresses)
            health = list(side_by_side.map(lambda name: _ask(services, name), names))
        servers = _servers()
        if not servers and all(one.report is None for one in health):
            raise not_running(str(home.data_folder()))
        if as_json:
            show_json(_as_json(health, servers))
        else:
            _show(health, servers)
        if not _all_up(health, servers):
            raise typer.Exit(DOWN)


def _as_json(health: list[Health], servers: list[Server]) -> dict[str, Any]:
    up = _all_up(health, servers)
    return {
        "up": up,
        "services": [one.as_json() for one in health],
        "servers": [one.as_json() for one in servers],
    }


def _all_up(health: list[Health], servers: list[Server]) -> bool:
    return all(one.is_up for one in health) and all(one.is_up for one in servers)


def _ask(services: Services, name: str) -> Health:
    ready = services.probe(name, "/readyz")
    report = services.probe(name, "/status") if ready is not None else None
    waiting = (ready or {}).get("waiting_for")
    reasons = tuple(map(str, waiting)) if isinstance(waiting, list) else ()
    return Health(name, services.url(name), report, reasons)


def _servers() -> list[Server]:
    """Return broker and store of this machine, as far as `siaga run` has written them down."""
    from siaga_embedded.servers import written_servers

    known = written_servers(home.data_folder())
    if known is None:
        return []
    kafka, store = known.kafka_bootstrap, known.mongo_url
    return [
        Server("kafka", str(known.kafka_engine), _bare(kafka), _is_listening(kafka)),
        Server("store", str(known.store_engine), _bare(store), _is_listening(store)),
    ]


def _bare(address: str) -> str:
    """Return an address without a user's name and password."""
    return address.rpartition("@")[2].removeprefix("mongodb://").partition("/")[0]


def _is_listening(address: str) -> bool:
    """Tell whether any of the named hosts takes connections."""
    usual = _USUAL_PORTS["mongodb" if "://" in address else ""]
    for place in _bare(address).split(","):
        try:
            parts = urlsplit(f"//{place}")
            with socket.create_connection(
                (parts.hostname or "", parts.port or usual), CONNECT_WITHIN_SECONDS
            ):
                return True
        except (OSError, ValueError):
            continue
    return False


def _show(health: list[Health], servers: list[Server]) -> None:
    headings = [
        text("Service"),
        text("State"),
        text("Version"),
        text("Behind"),
        text("Outbox"),
        text("Dead letters"),
        text("Address"),
    ]
    show_table(headings, [_row(one) for one in health])
    for server in servers:
        state = text("up") if server.is_up else text("DOWN")
        kind = text("Store") if server.kind == "store" else "Kafka"
        say(f"{kind}: {server.engine}, {server.address}, {state}")
    for line in [line for one in health for line in _further(one)]:
        say(line)
    for line in (*_nearly_full(health), *_skewed(health)):
        say(line)
    if not _all_up(health, servers):
        say(text("Something is down. Logs: {logs}", logs=home.data_folder() / "logs"))


def _row(one: Health) -> list[object]:
    report = one.report or {}
    return [
        one.service,
        _state(one),
        report.get("version", "-"),
        _behind(report.get("lag")),
        _total(report.get("outbox")),
        _count(report.get("dead_letters")),
        one.url,
    ]


def _state(one: Health) -> str:
    if one.report is None:
        return text("DOWN")
    if one.waiting_for:
        return text("waits for {what}", what=", ".join(one.waiting_for))
    return text("ready") if one.is_up else text("waits for {what}", what=text("store"))


def _behind(lag: object) -> str:
    """Say how many events wait, and on which topics."""
    if not isinstance(lag, Mapping):
        return "-"
    late = {topic: count for topic, count in lag.items() if count}
    if not late:
        return "0" if lag else "-"
    return ", ".join(f"{topic} {count}" for topic, count in late.items())


def _count(value: object) -> str:
    return "?" if value is None else str(value)


def _total(value: object) -> str:
    """Say how many wait in all; `?` where even one part cannot be told now."""
    if not isinstance(value, Mapping):
        return _count(value)
    counts = [one for one in value.values() if isinstance(one, int)]
    return str(sum(counts)) if len(counts) == len(value) else "?"


def _further(one: Health) -> list[str]:
    """Return a service's own counts that are not zero, and what it could not read, one line each."""
    own = {name: value for name, value in (one.report or {}).items() if name not in _COMMON}
    lines = [_unreadable(own.pop(HEARD))] if HEARD in own else []
    for name, told in own.items():
        counts = [f"{_said(path)} {_count(count)}".strip() for path, count in _flat(told) if count != 0]
        if counts:
            lines.append(f"{_said(name)}: {', '.join(counts)}")
    return [f"{one.service} · {line}" for line in lines]


def _nearly_full(health: list[Health]) -> list[str]:
    """Name each disk that will soon be full, of the services and of this machine's broker and store."""
    from siaga_embedded.places import SPACE_TO_START, Places, free_space

    places = Places(home.data_folder())
    left: dict[str, object] = {
        str(folder): free_space(folder) for folder in (places.data, places.store, places.kafka)
    }
    left |= {one.service: (one.report or {}).get("disk_free_bytes") for one in health}
    return [
        text("{place}: only {megabytes} MB are left on its disk", place=place, megabytes=free // 10**6)
        for place, free in left.items()
        if isinstance(free, int) and free < SPACE_TO_START
    ]


def _skewed(health: list[Health]) -> list[str]:
    """Name each clock that differs from another one; who is wrong, a person sees from who agrees."""
    lines = []
    for one in health:
        ahead_of = (one.report or {}).get(SKEW)
        for source, seconds in ahead_of.items() if isinstance(ahead_of, Mapping) else ():
            if not isinstance(seconds, int | float) or abs(seconds) < SKEWED_FROM_SECONDS:
                continue
            values = {"service": one.service, "seconds": f"{abs(seconds):.1f}", "source": source}
            if seconds > 0:
                lines.append(text("{service}: its clock is {seconds} s ahead of {source}'s", **values))
            else:
                lines.append(text("{service}: its clock is {seconds} s behind {source}'s", **values))
    return lines


def _said(path: str) -> str:
    """Say each word of a count in the person's language; codes stay as they are."""
    own = {
        "calls": text("calls"),
        "deliveries": text("messages"),
        "in_hand": text("in hand"),
        "open_circuits": text("addresses left alone for a while"),
        "spool": text("spool"),
        "spool_in_trouble": text("the spool cannot be written: nothing new can be kept"),
        "unnamed_exchanges": text("exchanges that no regency names"),
    }
    return " ".join(own.get(part) or word(part) for part in path.split(" ") if part)


def _unreadable(heard: object) -> str:
    """Say what a source sent that could not be read; what is only counted (such as pauses) is no trouble."""
    refused = [
        f"{path.replace(REFUSED, '')} {count}" for path, count in _flat(heard) if REFUSED in path and count
    ]
    return text("unreadable input, kept sealed: {what}", what=", ".join(refused) or text("none"))


def _flat(value: object) -> list[tuple[str, object]]:
    """Return every number of a nested count with its path."""
    if isinstance(value, Mapping):
        return [(f"{key} {path}".strip(), one) for key, inner in value.items() for path, one in _flat(inner)]
    return [("", value)]

"""A system that runs in memory: every service's door as the commands see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
from typer.testing import Result

from siaga_cli.client import World

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SERVICES = ("directory", "intake", "triage", "dispatch", "agency-notifier", "statistics")
Reply = httpx.Response | Callable[[httpx.Request], httpx.Response]

TENANTS = {
    "53.03": ("Kabupaten Timor Tengah Utara", "TTU", "Asia/Makassar"),
    "94.71": ("Kota Jayapura", "JPR", "Asia/Jayapura"),
}


def problem(status: int, kind: str, detail: str = "-", **members: Any) -> httpx.Response:
    body = {"type": f"urn:siaga112:problem:{kind}", "status": status, "detail": detail, **members}
    return httpx.Response(status, json=body)


def unknown() -> httpx.Response:
    return problem(404, "unknown")


@dataclass
class System:
    """Services that answer what a test has put behind their doors; what is not there is unknown."""

    replies: dict[tuple[str, str, str], Reply] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    asked: list[httpx.Request] = field(default_factory=list)
    now: datetime = NOW

    def behind(self, method: str, service: str, path: str, reply: Reply | Mapping[str, Any]) -> None:
        answer = httpx.Response(200, json=reply) if isinstance(reply, Mapping) else reply
        self.replies[method, service, path] = answer

    def handle(self, request: httpx.Request) -> httpx.Response:
        service = request.url.host
        if service in self.away:
            raise httpx.ConnectError("refused", request=request)
        self.asked.append(request)
        reply = self.replies.get((request.method, service, request.url.path), unknown())
        made = reply if isinstance(reply, httpx.Response) else reply(request)
        return httpx.Response(made.status_code, content=made.content, headers=made.headers)

    def world(self) -> World:
        keys = iter(f"key-{number}" for number in range(10_000))
        return World(httpx.MockTransport(self.handle), lambda: self.now, self.wait, lambda: next(keys))

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def requests(self, method: str, service: str) -> list[httpx.Request]:
        return [one for one in self.asked if (one.method, one.url.host) == (method, service)]


class Terminal(Protocol):
    """Types a command and returns what came of it."""

    def __call__(self, *typed: str, language: str = "id") -> Result: ...

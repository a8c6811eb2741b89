"""The services' doors: one client, one sign-in, patient while something restarts, never twice by mistake."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from siaga_cli.client.addresses import credential, service_addresses, unreached
from siaga_cli.client.refusals import BadInput, NotUnderstood, Refused, not_running
from siaga_cli.client.world import World
from siaga_cli.wording import text

Answer = dict[str, Any]
Query = Mapping[str, str | int]

TIMEOUT_SECONDS = 15.0
PROBE_SECONDS = 3.0
TRY_AGAIN_AFTER_SECONDS = (0.3, 1.0)
TOKEN_SLACK = timedelta(seconds=60)
PAGE = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_NOT_NOW = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})


def segment(name: str) -> str:
    """Return a name as one part of a path.

    Raises:
        BadInput: it is no name, so nothing can be called so.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(text("“{name}” is not a name or number that exists here.", name=name[:60]))
    return quote(name, safe="")


class Services:
    """All services of one running system, asked with one account."""

    def __init__(self, addresses: Mapping[str, str], world: World, *, administrator: bool = False) -> None:
        """Ask at these addresses; nothing is sent yet."""
        self.addresses = dict(addresses)
        self._administrator = administrator
        self.world = world
        self._client = httpx.Client(transport=world.transport, timeout=TIMEOUT_SECONDS, trust_env=False)
        self._token = ""
        self._good_until: datetime | None = None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def url(self, service: str) -> str:
        """Return a service's base URL. Raises Away where this system has no such service."""
        if service not in self.addresses:
            raise not_running(service)
        return self.addresses[service].rstrip("/")

    def get(self, service: str, path: str, query: Query | None = None) -> Answer:
        """Return what a service shows. Raises Refused or Away."""
        return self._read(service, self._send("GET", service, path, query=query))

    def find(self, service: str, path: str, query: Query | None = None) -> Answer | None:
        """Return what a service shows, or None where it knows nothing of that name."""
        try:
            return self.get(service, path, query)
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def change(
        self, method: str, service: str, path: str, body: object = None, *, seen: int | None = None
    ) -> Answer:
        """Change something once: every try carries the same idempotency key; `seen` is the version it is about.

        Raises Refused or Away.
        """
        headers = {"Idempotency-Key": self.world.new_key()}
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        return self._read(service, self._send(method, service, path, body=body, headers=headers))

    def items(self, service: str, path: str, query: Query | None = None, *, most: int = 500) -> list[Answer]:
        """Return up to `most` entries of a listing, page by page."""
        found: list[Answer] = []
        for page in self._pages(service, path, query or {}, most):
            found += page
            if len(found) >= most:
                break
        return found[:most]

    def probe(self, service: str, path: str) -> Answer | None:
        """Return what a service says of itself, without an account and without patience; None when away."""
        try:
            response = self._client.get(f"{self.url(service)}{path}", timeout=PROBE_SECONDS)
            read = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return None
        return read if isinstance(read, dict) else None

    def _pages(self, service: str, path: str, query: Query, most: int) -> Iterator[list[Answer]]:
        after: str | None = ""
        while after is not None:
            paged = {**query, "limit": min(PAGE, most), **({"after": after} if after else {})}
            answer = self.get(service, path, paged)
            yield _items(service, answer)
            following = answer.get("next")
            after = str(following) if following and following != after else None

    def _send(
        self,
        method: str,
        service: str,
        path: str,
        *,
        body: object = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send with a token; a token that is no longer good is replaced once."""
        content = None if body is None else _encoded(body)
        for last in (False, True):
            signed = {**(headers or {}), "Authorization": f"Bearer {self._current_token()}"}
            response = self._patiently(method, service, path, content=content, query=query, headers=signed)
            if response.status_code != HTTPStatus.UNAUTHORIZED or last:
                return response
            self._good_until = None
        raise AssertionError  # pragma: no cover - the loop always returns

    def _patiently(
        self,
        method: str,
        service: str,
        path: str,
        *,
        content: bytes | None = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Try a few times while a service restarts. Raises Away."""
        url = f"{self.url(service)}{path}"
        kind = {"Content-Type": "application/json"} if content is not None else {}
        waits = [*TRY_AGAIN_AFTER_SECONDS, None]
        for wait in waits:
            try:
                response = self._client.request(
                    method, url, content=content, params=query, headers={**kind, **(headers or {})}
                )
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if wait is None:
                    raise unreached(service, self.url(service)) from error
            else:
                if response.status_code not in _NOT_NOW or wait is None:
                    return response
            self.world.wait(wait or 0)
        raise AssertionError  # pragma: no cover - the last round returns or raises

    def _current_token(self) -> str:
        if self._good_until is None or self.world.clock() >= self._good_until:
            known = credential(administrator=self._administrator)
            body = _encoded({"account": known.account, "password": known.password})
            granted = self._read(
                "directory", self._patiently("POST", "directory", "/v1/tokens", content=body)
            )
            try:
                self._token = str(granted["access_token"])
                lifetime = timedelta(seconds=float(granted["expires_in"]))
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise NotUnderstood("directory") from error
            self._good_until = self.world.clock() + max(lifetime - TOKEN_SLACK, lifetime / 2)
        return self._token

    def _read(self, service: str, response: httpx.Response) -> Answer:
        try:
            read = response.json() if response.content else {}
        except ValueError as error:
            raise NotUnderstood(service) from error
        if not isinstance(read, dict):
            raise NotUnderstood(service)
        if not response.is_success:
            raise Refused(response.status_code, read)
        return read


def _items(service: str, answer: Answer) -> list[Answer]:
    items = answer.get("items")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise NotUnderstood(service)
    return items


def _encoded(body: object) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise BadInput(text("What was typed is not valid text (UTF-8).")) from error


@contextmanager
def open_services(world: World, *, administrator: bool = False) -> Iterator[Services]:
    """Open the doors of the system that runs here. Raises Away where none does."""
    services = Services(service_addresses(), world, administrator=administrator)
    try:
        yield services
    finally:
        services.close()

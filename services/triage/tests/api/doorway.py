"""Somebody with a token at the desk's HTTP doors."""

from itertools import count
from typing import Any

import httpx

from service_kit.identity import Kind, Principal, Role, Signer
from services.triage.tests.fakes import NOON, SITI, TTU

KEYS = count(1)


class Person:
    """Sends requests with an own account; each command has a key of its own unless one is given."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._token = token

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        tenant: str = TTU,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self._token}"}
        if method != "GET":
            sent["Idempotency-Key"] = key or f"key-{next(KEYS)}"
        url = f"/v1/tenants/{tenant}/{path}"
        return await self._client.request(method, url, json=body, headers={**sent, **(headers or {})})

    async def get(self, path: str, *, tenant: str = TTU) -> httpx.Response:
        return await self.ask("GET", path, tenant=tenant)

    async def post(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return await self.ask("POST", path, body, **more)

    async def put(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return await self.ask("PUT", path, body, **more)

    async def patch(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return await self.ask("PATCH", path, body, **more)


class Town:
    """Gives people their tokens."""

    def __init__(self, client: httpx.AsyncClient, signer: Signer) -> None:
        self.client = client
        self._signer = signer

    def somebody(self, role: Role = Role.CALL_TAKER, *, tenant: str = TTU, subject: str = SITI) -> Person:
        who = Principal(subject, subject.title(), Kind.PERSON, frozenset({tenant}), frozenset({role}))
        return Person(self.client, self._signer.token(who, NOON))

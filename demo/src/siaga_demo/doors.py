"""The public doors as a console or an agency's system would use them: own account, token, patience."""

import asyncio
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from service_kit.secrets import Secrets

TOKEN_SLACK = 60.0
"""Seconds before its end at which a token is replaced."""

FIRST_WAIT, LONGEST_WAIT = 0.2, 3.0
TIMEOUT = 10.0
Answer = dict[str, Any]


class DoorRefused(Exception):
    """A service said no, for good."""

    def __init__(self, status: int, problem: Answer) -> None:
        super().__init__(f"{status} {problem.get('type', '')}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Credential:
    """An account and the name of the secret file that holds its password."""

    account: str
    secret: str


class Doors:
    """All services' addresses and one HTTP client, shared by the people of one program."""

    def __init__(self, addresses: Path, secrets: Secrets) -> None:
        self._addresses = addresses
        self.secrets = secrets
        self.client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)

    def address(self, service: str) -> str:
        """Return a service's base URL as it is now."""
        read = json.loads(self._addresses.read_text(encoding="utf-8"))
        return str(read[service])

    async def close(self) -> None:
        """Close the client."""
        await self.client.aclose()


class Visitor:
    """One account at the doors."""

    def __init__(self, doors: Doors, credential: Credential) -> None:
        self._doors, self._credential = doors, credential
        self._token = ""
        self._good_until = 0.0
        self._asking = asyncio.Lock()

    @property
    def name(self) -> str:
        """The account's id."""
        return self._credential.account

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        body: object = None,
        key: str = "",
        traceparent: str = "",
        query: dict[str, str] | None = None,
    ) -> Answer:
        """Ask until there is an answer: a service that is away is waited for; a repeat carries the same key.

        Raises:
            DoorRefused: the service said no.
        """
        headers = {"Idempotency-Key": key} if key else {}
        headers |= {"traceparent": traceparent} if traceparent else {}
        wait = FIRST_WAIT
        while True:
            response = await self._once(method, service, path, body=body, headers=headers, query=query)
            if response is not None:
                return _read(response)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _once(
        self,
        method: str,
        service: str,
        path: str,
        *,
        body: object,
        headers: dict[str, str],
        query: dict[str, str] | None,
    ) -> httpx.Response | None:
        """Return the answer, or None where asking again may help."""
        try:
            token = await self._current_token()
            response = await self._doors.client.request(
                method,
                f"{self._doors.address(service)}{path}",
                json=body,
                params=query,
                headers={**headers, "Authorization": f"Bearer {token}"},
            )
        except (httpx.HTTPError, OSError, KeyError, ValueError):
            return None
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._good_until = 0.0
            return None
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
            return None
        return response

    async def _current_token(self) -> str:
        async with self._asking:
            if time.monotonic() > self._good_until:
                await self._log_in()
        return self._token

    async def _log_in(self) -> None:
        password = self._doors.secrets.read(self._credential.secret).decode()
        response = await self._doors.client.post(
            f"{self._doors.address('directory')}/v1/tokens",
            json={"account": self._credential.account, "password": password},
        )
        response.raise_for_status()
        granted = response.json()
        self._token = granted["access_token"]
        self._good_until = time.monotonic() + float(granted["expires_in"]) - TOKEN_SLACK


def _read(response: httpx.Response) -> Answer:
    answer: Answer = response.json() if response.content else {}
    if not response.is_success:
        raise DoorRefused(response.status_code, answer)
    return answer

"""The directory's public door, as `siaga run` uses it: apply tenants, make accounts."""

import asyncio
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import httpx

from service_kit.secrets import Secrets
from shared_schemas.tenant_files import as_plain
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.home import ADMIN_ACCOUNT, secrets_folder
from siaga_cli.run.accounts import Wanted
from siaga_embedded.refusal import ExitCode, Refusal

TIMEOUT = 20.0
MOST_ACCOUNTS = 500
AT_ONCE = 4
ADMIN_SECRET = f"accounts/{ADMIN_ACCOUNT}"
DESCRIPTION = ("name", "kind", "tenants", "roles", "agency", "disabled")


class DirectoryRefused(Refusal):
    """The directory did not take what this machine needs."""

    exit_code = ExitCode.DID_NOT_COME_UP


class DirectoryDoor:
    """The administrator that the directory made at its first start, at its door."""

    def __init__(self, address: str, secrets: Secrets, run: str) -> None:
        self._secrets, self._run = secrets, run
        self._client = httpx.AsyncClient(base_url=address, timeout=TIMEOUT, trust_env=False)

    async def __aenter__(self) -> Self:
        password = self._secrets.read(ADMIN_SECRET).decode()
        granted = await self._asked("POST", "/v1/tokens", {"account": ADMIN_ACCOUNT, "password": password})
        self._client.headers["Authorization"] = f"Bearer {granted['access_token']}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def apply(self, tenant: TenantConfiguration) -> bool:
        """Put a configuration in force; return whether that changed anything."""
        path = f"/v1/tenants/{tenant.code}"
        answer = await self._asked("PUT", path, as_plain(tenant), key=f"{self._run}-apply-{tenant.code}")
        return not answer["unchanged"]

    async def make_accounts(self, wanted: tuple[Wanted, ...]) -> int:
        """Make the accounts that are not there yet, with generated passwords; return how many.

        One that is there gets the tenants that were added to the machine since.
        """
        there = await self._known_accounts()
        missing = [one for one in wanted if one.account not in there]
        for one in wanted:
            if one.account in there:
                await self._widen(there[one.account], one.tenants)
        gate = asyncio.Semaphore(AT_ONCE)

        async def make(one: Wanted) -> None:
            async with gate:
                password = self._secrets.ensure(one.secret).decode()
                body = {**one.description(), "password": password}
                await self._asked("POST", "/v1/accounts", body, key=f"make-{one.account}")

        await asyncio.gather(*map(make, missing))
        return len(missing)

    async def _widen(self, known: Mapping[str, Any], tenants: Iterable[str]) -> None:
        wider = {*known["tenants"], *tenants}
        if wider != set(known["tenants"]):
            body = {name: known[name] for name in DESCRIPTION} | {"tenants": sorted(wider)}
            path = f"/v1/accounts/{known['id']}"
            await self._asked("PUT", path, body, key=f"{self._run}-widen-{known['id']}")

    async def _known_accounts(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        after = ""
        while True:
            query = f"?limit={MOST_ACCOUNTS}" + (f"&after={after}" if after else "")
            page = (await self._asked("GET", f"/v1/accounts{query}"))["items"]
            found |= {str(one["id"]): one for one in page}
            if len(page) < MOST_ACCOUNTS:
                return found
            after = str(page[-1]["id"])

    async def _asked(self, method: str, path: str, body: object = None, *, key: str = "") -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            response = await self._client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise _refused(method, path, type(error).__name__) from error
        if response.status_code == HTTPStatus.UNAUTHORIZED and path == "/v1/tokens":
            raise _stale(secrets_folder() / ADMIN_SECRET)
        if response.is_error:
            raise _refused(method, path, _said(response))
        answer: dict[str, Any] = response.json()
        return answer


def _stale(file: Path) -> DirectoryRefused:
    return DirectoryRefused(
        f"Kata sandi akun {ADMIN_ACCOUNT} di {file} tidak berlaku lagi: tulis kata sandi yang sekarang ke berkas itu.",
        f"The {ADMIN_ACCOUNT} account's password in {file} is not valid any more: write the present one into it.",
    )


def _said(response: httpx.Response) -> str:
    try:
        detail = str(response.json().get("detail", ""))
    except ValueError:
        detail = ""
    return f"{response.status_code} {HTTPStatus(response.status_code).phrase}. {detail}".strip()


def _refused(method: str, path: str, why: str) -> DirectoryRefused:
    return DirectoryRefused(
        f"Direktori menolak {method} {path}: {why}",
        f"The directory refused {method} {path}: {why}",
    )

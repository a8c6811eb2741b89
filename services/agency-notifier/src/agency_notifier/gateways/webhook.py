"""Signed webhooks (Standard Webhooks): one request, no redirect, five seconds, 64 KiB of answer."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpx

from agency_notifier.application.notice import Notice
from agency_notifier.application.ports import Answer, Clock, Outbound
from agency_notifier.domain.delivery import Fate
from agency_notifier.gateways.addresses import Address, Addresses, AddressRefused, Target
from service_kit.secrets import SecretUnavailable
from service_kit.signing import SigningSecretUnusable, sign
from service_kit.telemetry import traceparent

LARGEST_ANSWER_BYTES = 65_536
USER_AGENT = "siaga112-agency-notifier"

SecretOf = Callable[[str, str], bytes]
"""Gives the secret of a tenant's agency; makes it where there is none yet."""


class Webhook(Outbound):
    """Posts a notice to an agency's own system."""

    def __init__(
        self,
        secret_of: SecretOf,
        addresses: Addresses,
        clock: Clock,
        *,
        seconds: float,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Make a client that keeps no connection: one that was opened for a host is not another's.

        `trust` says whose certificates count; by default those that browsers trust.
        """
        self._secret_of, self._addresses, self._clock, self._seconds = secret_of, addresses, clock, seconds
        self._client = httpx.AsyncClient(
            verify=trust or True,
            timeout=seconds,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def send(self, notice: Notice, address: str) -> Answer:
        """Make one try; whatever goes wrong is an answer."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(notice, await self._addresses.check(address))
        except AddressRefused as error:
            return Answer(Fate.NEVER if error.forever else Fate.ELSEWHERE, error.reason, healthy=False)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(Fate.AGAIN, "timeout", healthy=False, hung=True)
        except (httpx.HTTPError, OSError) as error:
            return Answer(Fate.AGAIN, _word(error), healthy=False)
        except (SecretUnavailable, SigningSecretUnusable):
            return Answer(Fate.AGAIN, "secret_unavailable", healthy=True)

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()

    async def _post(self, notice: Notice, target: Target) -> Answer:
        body = body_of(notice)
        secret = self._secret_of(notice.tenant, notice.agency)
        headers = {
            **sign(secret, notice.delivery_id, self._clock(), body),
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "traceparent": traceparent(),
        }
        return await self._ask(target, {name: value for name, value in headers.items() if value}, body)

    async def _ask(self, target: Target, headers: dict[str, str], body: bytes) -> Answer:
        """Try the checked addresses in turn until one takes the connection."""
        for place, address in enumerate(target.addresses, start=1):
            with suppress(*(() if place == len(target.addresses) else (httpx.ConnectError,))):
                return await self._ask_at(address, target.url, headers, body)
        raise httpx.ConnectError("no address")

    async def _ask_at(self, address: Address, url: httpx.URL, headers: dict[str, str], body: bytes) -> Answer:
        """Connect to the very address that was checked; name, certificate and path stay the URL's."""
        request = self._client.build_request(
            "POST",
            url.copy_with(host=str(address)),
            content=body,
            headers={"host": url.netloc.decode("ascii"), **headers},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        response = await self._client.send(request, stream=True)
        try:
            return await _judged(response)
        finally:
            await response.aclose()


async def _judged(response: httpx.Response) -> Answer:
    """Judge by the status alone; the rest is read a little way, so that the sender ends in peace."""
    status = response.status_code
    if status == HTTPStatus.GONE:
        return Answer(Fate.GONE, str(status), healthy=True)
    if response.is_redirect:  # never followed, so asking again cannot help
        return Answer(Fate.ELSEWHERE, str(status), healthy=False)
    delivered = response.is_success
    if delivered:
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(0.5):
                await _drain(response.aiter_raw())
    overloaded = status == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error
    return Answer(Fate.DELIVERED if delivered else Fate.AGAIN, str(status), healthy=not overloaded)


async def _drain(parts: AsyncIterator[bytes]) -> None:
    read = 0
    async for part in parts:
        read += len(part)
        if read > LARGEST_ANSWER_BYTES:
            return


def _word(error: Exception) -> str:
    """Name an error without its text, which may hold an address."""
    return type(error).__name__


def body_of(notice: Notice) -> bytes:
    """Return the body that an agency's system receives."""
    point = None
    if notice.latitude is not None and notice.longitude is not None:
        point = {"latitude": notice.latitude, "longitude": notice.longitude}
    body: dict[str, Any] = {
        "kind": "supervisor_called" if notice.calls_supervisor else "task_offered",
        "delivery_id": notice.delivery_id,
        "tenant": notice.tenant,
        "ticket_id": notice.ticket_id,
        "task_id": notice.task_id,
        "agency": notice.agency,
        "number": notice.number,
        "incident_type": notice.incident_type,
        "type_name": notice.type_name,
        "priority": notice.priority,
        "district": notice.district,
        "place": notice.place,
        "point": point,
        "story": notice.story,
        "caller_number": notice.caller_number,
        "respond_by": notice.respond_by.isoformat().replace("+00:00", "Z"),
        "open_gaps": list(notice.open_gaps),
        "reply_links": {kind.value: link for kind, link in notice.reply_links.items()},
        "reply_url": notice.reply_url or None,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

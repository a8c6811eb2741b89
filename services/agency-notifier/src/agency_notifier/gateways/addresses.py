"""Where a webhook may go: resolve once, check every address, and connect to a checked one.

A tenant's file names the receivers, so a mistake or a bad hand in it could aim our requests, with a
caller's number in them, at our own insides (SSRF). `ipaddress.is_global` is not enough: it takes
64:ff9b::7f00:1, 2002:7f00:1::, ::127.0.0.1 and ff02::1 for public addresses (field guide, section 12).
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

Address = IPv4Address | IPv6Address

PRIVATE_V4 = tuple(
    IPv4Network(one) for one in "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16".split()
)
"""Reachable where an installation says so: loopback, private use (RFC 1918), shared (RFC 6598)."""

DENIED_V4 = tuple(
    IPv4Network(one)
    for one in """
    0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    """.split()
)
"""Never: this network, link-local (cloud metadata), protocol use, documentation, multicast, reserved."""

PRIVATE_V6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
PUBLIC_V6 = IPv6Network("2000::/3")
DENIED_V6 = tuple(
    IPv6Network(one)
    for one in "2001::/23 2001:db8::/32 3fff::/20 2002::/16".split()  # 6to4 is judged by what it wraps
)
_V4_IN_THE_END = tuple(IPv6Network(one) for one in "::ffff:0:0/96 ::/96 64:ff9b::/96 ::ffff:0:0:0/96".split())
_SIX_TO_FOUR = IPv6Network("2002::/16")


class AddressRefused(Exception):
    """A webhook's address may not be used; `reason` is a word for the attempt, never the address.

    `forever`: the text itself is no address, whatever name servers and settings will say.
    """

    def __init__(self, reason: str, *, forever: bool = False) -> None:
        """Name the rule that was broken."""
        super().__init__(reason)
        self.reason, self.forever = reason, forever


@dataclass(frozen=True, slots=True)
class Target:
    """A URL and the addresses, all of them checked, at which its host was found."""

    url: httpx.URL
    addresses: tuple[Address, ...]


class Addresses:
    """Resolves and checks the receivers of webhooks."""

    def __init__(self, *, allow_private: bool) -> None:
        """`allow_private` opens loopback and private networks; nothing opens the rest."""
        self._allow_private = allow_private

    async def check(self, text: str) -> Target:
        """Return where to connect.

        Raises:
            AddressRefused: the URL or one of its host's addresses breaks a rule, or it has none.
        """
        url = _url(text)
        addresses = await _resolve(url)
        if not all(is_allowed(one, allow_private=self._allow_private) for one in addresses):
            raise AddressRefused("address_refused")
        if url.scheme == "http" and any(is_allowed(one, allow_private=False) for one in addresses):
            raise AddressRefused("plain_http_refused")
        return Target(url, addresses)


def is_allowed(address: Address, *, allow_private: bool) -> bool:
    """Tell whether a webhook may go to this address."""
    inner = _unwrapped(address)
    if inner is None:
        return False
    if isinstance(inner, IPv4Address):
        private = any(inner in network for network in PRIVATE_V4)
        return allow_private if private else not any(inner in network for network in DENIED_V4)
    if any(inner in network for network in PRIVATE_V6):
        return allow_private
    return inner in PUBLIC_V6 and not any(inner in network for network in DENIED_V6)


def _unwrapped(address: Address) -> Address | None:
    """Return the IPv4 address that an IPv6 address carries, else the address; None for a zone."""
    if isinstance(address, IPv4Address) or int(address) == 1:
        return address
    if address.scope_id is not None:
        return None
    if any(address in network for network in _V4_IN_THE_END):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        fits = url.scheme in {"http", "https"} and bool(url.host) and not url.userinfo
    except (httpx.InvalidURL, TypeError, ValueError) as error:  # the last one also for names such as `xn--`
        raise AddressRefused("url_unreadable", forever=True) from error
    if not fits:
        raise AddressRefused("url_refused", forever=True)
    return url


async def _resolve(url: httpx.URL) -> tuple[Address, ...]:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM
        )
        return _distinct([str(entry[4][0]) for entry in found])
    except (OSError, ValueError) as error:  # the second: a host name that no name server may be asked
        raise AddressRefused("host_unknown") from error


def _distinct(texts: Sequence[str]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(ip_address(text) for text in texts))

"""Where a webhook may go, and where never."""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agency_notifier.gateways.addresses import Addresses, AddressRefused, is_allowed

PRIVATE = """
127.0.0.1 127.255.0.9 10.1.2.3 172.16.0.1 172.31.255.254 192.168.1.1 100.64.0.1 ::1 fd00::1
::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ::127.0.0.1 ::ffff:10.0.0.1 2002:c0a8:101:: ::ffff:0:10.0.0.1
""".split()
NEVER = """
0.0.0.0 169.254.169.254 224.0.0.1 255.255.255.255 240.0.0.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9
192.0.0.8 192.88.99.1 :: fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 2001::1 100::1 64:ff9b:1::1
::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe:: 3fff::1 5f00::1 4000::1
""".split()
PUBLIC = "103.10.20.30 8.8.8.8 2001:4860:4860::8888 2606:4700::1111 ::ffff:8.8.8.8 2002:808:808::".split()


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_need_the_installations_word(text: str) -> None:
    assert not is_allowed(ip_address(text), allow_private=False)
    assert is_allowed(ip_address(text), allow_private=True)


@pytest.mark.parametrize("text", NEVER)
def test_these_are_never_allowed(text: str) -> None:
    assert not is_allowed(ip_address(text), allow_private=False)
    assert not is_allowed(ip_address(text), allow_private=True)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_allowed(text: str) -> None:
    assert is_allowed(ip_address(text), allow_private=False)


WRAPPERS = [
    lambda inner: IPv6Address(0xFFFF << 32 | inner),
    lambda inner: IPv6Address((0x64FF9B << 96) | inner),
    lambda inner: IPv6Address((0x2002 << 112) | inner << 80),
]


@given(inner=st.ip_addresses(v=4), wrap=st.sampled_from(WRAPPERS), allow_private=st.booleans())
def test_an_address_in_disguise_is_judged_as_what_it_is(
    inner: IPv4Address, wrap: Callable[[int], IPv6Address], allow_private: bool
) -> None:
    wrapped = wrap(int(inner))
    assert is_allowed(wrapped, allow_private=allow_private) == is_allowed(inner, allow_private=allow_private)


@given(address=st.ip_addresses(v=4))
def test_no_private_or_special_ipv4_address_passes_without_a_word(address: IPv4Address) -> None:
    if is_allowed(address, allow_private=False):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://8.8.8.8/", "url_refused"),
        ("https:///nowhere", "url_refused"),
        ("https://user:word@8.8.8.8/", "url_refused"),
        ("https://[::1", "url_unreadable"),
        ("https://x\x00.example/", "url_unreadable"),
        ("https://xn--/", "url_unreadable"),
        ("not a url", "url_refused"),
        ("https://127.0.0.1/", "address_refused"),
        ("https://[::ffff:7f00:1]/", "address_refused"),
        ("https://2130706433/", "address_refused"),
        ("https://0x7f.1/", "address_refused"),
        ("https://localhost/", "address_refused"),
        ("http://8.8.8.8/", "plain_http_refused"),
        ("https://" + "a" * 64 + ".example/", "host_unknown"),
    ],
)
async def test_these_urls_are_refused_by_name(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        await Addresses(allow_private=False).check(url)
    assert refused.value.reason == reason


async def test_one_bad_address_among_good_ones_refuses_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("8.8.8.8", "10.0.0.1")]

    async def resolve(*_: object, **__: object) -> list[Any]:
        return found

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(AddressRefused, match="address_refused"):
        await Addresses(allow_private=False).check("https://agency.example/112")
    found.pop()
    target = await Addresses(allow_private=False).check("https://agency.example/112")
    assert [str(one) for one in target.addresses] == ["8.8.8.8"]


async def test_loopback_is_open_where_the_installation_says_so() -> None:
    target = await Addresses(allow_private=True).check("http://127.0.0.1:8080/x")
    assert [str(one) for one in target.addresses] == ["127.0.0.1"]

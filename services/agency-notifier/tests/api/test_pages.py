"""Reply links: looking changes nothing, the button does, once."""

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import AskFor, Respond, World


@pytest.fixture
async def link(world: "World", respond: "Respond", task: "AskFor") -> str:
    """The start of damkar's links; a reply's name is added to it."""
    await world.hear(respond(task("posko")))
    return f"/r/{world.only().delivery_id}~"


async def test_looking_changes_nothing(world: "World", client: httpx.AsyncClient, link: str) -> None:
    before = repr(world.deliveries)
    for _ in range(3):
        page = await client.get(f"{link}accepted")
        assert page.status_code == 200
    assert (await client.head(f"{link}accepted")).status_code in {200, 405}
    assert (world.replies.kept, repr(world.deliveries)) == ({}, before)


async def test_the_page_says_what_the_button_will_say_and_nothing_personal(
    client: httpx.AsyncClient, link: str
) -> None:
    text = (await client.get(f"{link}accepted")).text
    for said in ("TTU-20261122-0017", "Kebakaran bangunan", "P1", "Pemadam Kebakaran", "Terima tugas"):
        assert said in text
    for personal in ("rumah terbakar", "pasar baru", "0812"):
        assert personal not in text


async def test_the_button_records_the_reply_once(
    world: "World", client: httpx.AsyncClient, link: str
) -> None:
    first, second = await client.post(f"{link}accepted"), await client.post(f"{link}accepted")
    assert "sudah dicatat. Terima kasih" in first.text
    assert "sudah dicatat sebelumnya" in second.text
    (kept,) = world.replies.kept.values()
    assert (kept.reply, kept.channel, kept.by) == ("accepted", "link", "damkar/posko")
    assert world.replies.told == ["agency.replied"]
    assert world.replies.traces == ["0af7651916cd43dd8448eb211c80319c"]


async def test_a_decline_needs_a_reason(world: "World", client: httpx.AsyncClient, link: str) -> None:
    asked = await client.post(f"{link}declined", data={"reason": "  \n "})
    assert (asked.status_code, world.replies.kept) == (422, {})
    assert 'name="reason"' in asked.text
    done = await client.post(f"{link}declined", data={"reason": " mobil\r\nrusak\x00 "})
    assert done.status_code == 200
    (kept,) = world.replies.kept.values()
    assert (kept.reply, kept.reason) == ("declined", "mobil rusak")


async def test_a_form_that_is_not_the_pages_gives_no_reason(
    world: "World", client: httpx.AsyncClient, link: str
) -> None:
    answer = await client.post(f"{link}declined", content=b"&".join([b"reason=x"] * 50))
    assert (answer.status_code, world.replies.kept) == (422, {})


async def test_a_reason_is_cut_to_what_the_contract_takes(
    world: "World", client: httpx.AsyncClient, link: str
) -> None:
    await client.post(f"{link}declined", data={"reason": "x" * 5_000})
    (kept,) = world.replies.kept.values()
    assert len(kept.reason) == 200


@pytest.mark.parametrize(("token", "status"), [("old", 410), ("id~maybe", 404), ("x" * 3_000, 404)])
async def test_a_link_that_is_not_good_says_so_and_does_nothing(
    world: "World", client: httpx.AsyncClient, link: str, token: str, status: int
) -> None:
    assert (await client.get(f"/r/{token}")).status_code == status
    assert (await client.post(f"/r/{token}")).status_code == status
    assert world.replies.kept == {}


async def test_a_link_to_a_delivery_that_is_not_there_is_no_longer_good(client: httpx.AsyncClient) -> None:
    assert (await client.post("/r/nothing~accepted")).status_code == 410


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "id"),
        ("en", "en"),
        ("en-GB,en;q=0.9,id;q=0.5", "en"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("fr,de;q=0.5", "id"),
        ("en;q=x", "id"),
        ("en;q=0.1", "en"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    client: httpx.AsyncClient, link: str, asked: str, language: str
) -> None:
    text = (await client.get(f"{link}done", headers={"accept-language": asked})).text
    assert f'<html lang="{language}">' in text
    assert ("Structure fire" in text) is (language == "en")


async def test_the_page_asks_no_foreign_host_and_is_kept_by_nobody(
    client: httpx.AsyncClient, link: str
) -> None:
    page = await client.get(f"{link}accepted")
    assert "://" not in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_what_a_tenant_calls_things_is_text_and_never_markup(
    world: "World", client: httpx.AsyncClient, link: str
) -> None:
    posko = world.book.contacts["damkar", "posko"]
    world.book.contacts["damkar", "posko"] = replace(posko, agency_name="<img src=x onerror=alert(1)>")
    text = (await client.get(f"{link}accepted")).text
    assert "<img" not in text
    assert "&lt;img" in text

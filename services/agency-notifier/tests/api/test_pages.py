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
    assert (world.replies.kept, repr(world.deliveries)) == ({}, before)


@pytest.mark.parametrize("token", ["{id}~accepted", "{id}~declined", "old", "id~maybe", "nothing~done"])
async def test_a_head_is_answered_as_a_get_without_the_page_and_changes_nothing(
    world: "World", client: httpx.AsyncClient, link: str, token: str
) -> None:
    before, url = repr(world.deliveries), f"/r/{token}".replace("/r/{id}~", link)
    head, page = await client.head(url), await client.get(url)
    assert (head.status_code, head.content) == (page.status_code, b"")
    assert head.headers == page.headers
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


CLOSED = [
    ("cancelled", "sudah dibatalkan", "was called off"),
    ("done", "sudah selesai", "already finished"),
    ("declined", "sudah menolak", "declined this task"),
    ("unanswered", "sudah habis", "is over"),
]


@pytest.mark.parametrize(("status", "indonesian", "english"), CLOSED)
@pytest.mark.parametrize("reply", ["accepted", "declined", "en_route", "done"])
async def test_a_task_that_has_ended_is_said_to_be_so_without_a_button_and_without_thanks(
    world: "World",
    respond: "Respond",
    task: "AskFor",
    client: httpx.AsyncClient,
    link: str,
    status: str,
    indonesian: str,
    english: str,
    reply: str,
) -> None:
    await world.hear(respond(task("posko", status=status)))
    for language, said, thanks in (("id", indonesian, "Terima kasih"), ("en", english, "Thank you")):
        headers = {"accept-language": language}
        for page in (
            await client.get(f"{link}{reply}", headers=headers),
            await client.post(f"{link}{reply}", headers=headers),
            await client.post(f"{link}{reply}", data={"reason": "x"}, headers=headers),
            await client.post(f"{link}{reply}", data={"reason": "x"}, headers=headers),
        ):
            assert (page.status_code, said in page.text) == (200, True)
            assert "<button" not in page.text
            assert thanks not in page.text
    assert [one.reply for one in world.replies.kept.values()] == [reply], "it was said, so it is kept"


async def test_a_reply_recorded_before_the_task_was_called_off_hears_of_that_when_pressed_again(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient, link: str
) -> None:
    await client.post(f"{link}accepted")
    await world.hear(respond(task("posko", status="cancelled")))
    assert "sudah dibatalkan" in (await client.post(f"{link}accepted")).text


async def test_a_late_yes_is_asked_for_while_the_place_is_empty(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient, link: str
) -> None:
    unanswered = replace(task("posko", status="unanswered"), gap_is_open=True)
    await world.hear(respond(unanswered))
    assert "<button" in (await client.get(f"{link}accepted")).text
    assert "Terima kasih" in (await client.post(f"{link}accepted")).text


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
        ("en," * 400, "id"),
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

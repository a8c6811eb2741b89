"""People report contacts and see calls, also those that the store does not know yet."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from intake.domain.facts import FactKind
from service_kit.identity import Role
from services.intake.tests.api.centre import KUPANG, NUMBER, TTU, Centre, event, ringing

STORY = "rumah terbakar dekat pasar baru"
REPORT = {"number": NUMBER, "name": "Maria", "story": STORY, "channel": "radio"}


async def test_a_report_becomes_an_answered_call_of_who_typed_it(centre: Centre) -> None:
    answer = await centre.ask("POST", "calls", {**REPORT, "occurred_at": "2026-11-23T19:30:00+08:00"})
    assert answer.status_code == 202
    await centre.settle()
    call = await centre.shown(f"calls/{answer.json()['call_id']}")
    assert (call["stage"], call["outcome"], call["agent"]) == ("ended", "answered", "siti")
    assert (call["channel"], call["started_at"]) == ("radio", "2026-11-23T11:30:00Z")
    assert (call["witnesses"], call["notes"]) == (["report"], [])


async def test_a_report_without_a_time_was_now(centre: Centre) -> None:
    answer = await centre.ask("POST", "calls", {"story": STORY})
    call = await centre.shown(f"calls/{answer.json()['call_id']}")
    assert call["started_at"] == "2026-11-23T12:00:00Z"


async def test_the_same_command_again_is_the_same_one_call(centre: Centre) -> None:
    first = await centre.ask("POST", "calls", REPORT, key="key-1")
    await centre.settle()
    centre.time.now += timedelta(minutes=3)
    again = await centre.ask("POST", "calls", REPORT, key="key-1")
    await centre.settle()
    assert (again.status_code, again.json()) == (202, first.json())
    assert list(centre.calls.versions.values()) == [1]


async def test_a_key_used_twice_swallows_nobodys_report(centre: Centre) -> None:
    await centre.ask("POST", "calls", REPORT, key="key-1")
    await centre.ask("POST", "calls", {**REPORT, "story": "pohon tumbang"}, key="key-1")
    await centre.settle()
    assert len(centre.calls.records) == 2


async def test_a_report_needs_a_key_a_story_and_the_right(centre: Centre) -> None:
    assert (await centre.ask("POST", "calls", REPORT, key=" ")).status_code == 400
    assert (await centre.ask("POST", "calls", {"number": NUMBER})).status_code == 422
    assert (await centre.ask("POST", "calls", REPORT, roles={Role.AUDITOR})).status_code == 403
    assert (await centre.ask("POST", "calls", REPORT, of=KUPANG)).status_code == 403
    assert await centre.spool.waiting() == []


async def test_a_report_that_does_not_fit_is_refused_without_repeating_it(centre: Centre) -> None:
    answer = await centre.ask("POST", "calls", {**REPORT, "occurred_at": "0001-01-01T00:00:00+14:00"})
    assert answer.status_code == 422
    assert STORY not in answer.text


async def test_an_unwritable_spool_asks_for_the_report_again(centre: Centre) -> None:
    centre.spool.is_full = True
    answer = await centre.ask("POST", "calls", REPORT)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:siaga112:problem:spool_unwritable")


# Lists -----------------------------------------------------------------------------------------


def ids(listed: Any) -> list[str]:
    return [one["exchange_call_id"] for one in listed["items"]]


async def three_calls(centre: Centre) -> None:
    await centre.tell(ringing("first"))
    await centre.tell(event("queued", "second", 1, queue="ttu112"))
    await centre.tell(event("abandoned", "over", 2))


@pytest.mark.parametrize("settled", [True, False])
async def test_current_calls_are_those_not_over_from_store_or_spool_alike(
    centre: Centre, settled: bool
) -> None:
    await three_calls(centre)
    if settled:
        await centre.settle()
    listed = await centre.shown("calls")
    assert ids(listed) == ["first", "second"]
    assert [one["version"] for one in listed["items"]] == ([1, 1] if settled else [0, 0])


async def test_a_call_whose_end_waits_in_the_spool_is_not_current_any_more(centre: Centre) -> None:
    await three_calls(centre)
    await centre.settle()
    await centre.tell(event("abandoned", "first", 9))
    assert ids(await centre.shown("calls")) == ["second"]
    assert ids(await centre.shown("calls?view=all")) == ["first", "second", "over"]


async def test_while_the_store_is_away_current_calls_come_from_memory_in_pages(centre: Centre) -> None:
    await three_calls(centre)
    await centre.settle()
    assert not (await centre.shown("calls"))["from_memory"]
    centre.calls.is_away = True
    await centre.tell(ringing("third", 3))
    assert (await centre.shown("calls"))["from_memory"]
    assert ids(await centre.shown("calls")) == ["first", "second", "third"]
    page = await centre.shown("calls?limit=2")
    assert ids(page) == ["first", "second"]
    rest = await centre.shown(f"calls?limit=2&after={quote(page['next'])}")
    assert (ids(rest), rest["next"]) == (["third"], None)


async def test_a_store_that_hangs_keeps_nobody_waiting_for_the_calls_of_this_moment(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.api.calls.STORE_ANSWERS_WITHIN_SECONDS", 0.01)
    await three_calls(centre)
    await centre.settle()
    centre.calls.hangs = True
    told = await centre.tell(ringing("third", 3))
    async with asyncio.timeout(5):
        assert ids(await centre.shown("calls")) == ["first", "second", "third"]
        shown = await centre.shown(f"calls/{told.json()['call_id']}")
    assert shown["stage"] == "ringing"


async def test_while_the_store_is_away_all_calls_cannot_be_listed_and_it_says_so(centre: Centre) -> None:
    centre.calls.is_away = True
    answer = await centre.ask("GET", "calls?view=all")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_what_another_process_heard_end_is_not_current_because_this_one_did_not(centre: Centre) -> None:
    told = await centre.tell(ringing("elsewhere"))
    await centre.settle()
    record = centre.calls.records[TTU, told.json()["call_id"]]
    end = replace(record.facts[0], id="heard-elsewhere", kind=FactKind.ABANDONED)
    await centre.calls.take(record.key, [end])
    assert ids(await centre.shown("calls")) == []


async def test_pages_of_all_calls_follow_each_other_without_gaps(centre: Centre) -> None:
    await three_calls(centre)
    await centre.settle()
    seen, after = [], ""
    while True:
        page = await centre.shown(f"calls?view=all&limit=2{after}")
        seen += ids(page)
        if page["next"] is None:
            break
        after = f"&after={quote(page['next'])}"
    assert seen == ["first", "second", "over"]


async def test_a_call_silent_for_hours_is_not_current_even_from_memory(centre: Centre) -> None:
    centre.calls.is_away = True
    await centre.tell(ringing())
    centre.time.now += timedelta(hours=3, minutes=59)
    assert len((await centre.shown("calls"))["items"]) == 1
    centre.time.now += timedelta(minutes=1)
    assert (await centre.shown("calls"))["items"] == []


# One call --------------------------------------------------------------------------------------


async def test_a_call_shows_its_facts_in_order_with_both_clocks(centre: Centre) -> None:
    centre.time.now += timedelta(seconds=30)
    told = await centre.tell(event("answered", seconds=9, queue="ttu112", agent="Petugas 1"))
    await centre.tell(event("queued", seconds=2, queue="ttu112"))
    await centre.settle()
    shown = await centre.shown(f"calls/{told.json()['call_id']}")
    assert [line["what"] for line in shown["timeline"]] == ["call.queued", "call.answered"]
    answered = shown["timeline"][1]
    assert (answered["occurred_at"], answered["at"]) == ("2026-11-23T12:00:09Z", "2026-11-23T12:00:30Z")
    assert (answered["by"], answered["why"]) == ("events_api", "ttu112 · Petugas 1")


@pytest.mark.parametrize("away", [True, False])
async def test_a_call_that_only_the_spool_knows_is_shown(centre: Centre, away: bool) -> None:
    centre.calls.is_away = away
    told = await centre.tell(ringing())
    shown = await centre.shown(f"calls/{told.json()['call_id']}")
    assert (shown["stage"], shown["version"], len(shown["timeline"])) == ("ringing", 0, 1)


async def test_a_foreign_call_looks_exactly_like_an_unknown_one(centre: Centre) -> None:
    told = await centre.tell(ringing())
    await centre.settle()
    call_id = told.json()["call_id"]
    foreign = await centre.ask("GET", f"calls/{call_id}", tenant=KUPANG, of=KUPANG)
    unknown = await centre.ask("GET", "calls/no-such-call", tenant=KUPANG, of=KUPANG)
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert (await centre.ask("GET", f"calls/{call_id}", tenant=KUPANG)).status_code == 403


async def test_a_foreign_call_in_memory_looks_unknown_too(centre: Centre) -> None:
    told = await centre.tell(ringing())
    foreign = await centre.ask("GET", f"calls/{told.json()['call_id']}", tenant=KUPANG, of=KUPANG)
    assert foreign.status_code == 404


async def test_while_the_store_is_away_an_unknown_call_is_not_called_unknown(centre: Centre) -> None:
    centre.calls.is_away = True
    assert (await centre.ask("GET", "calls/not-in-memory")).status_code == 503


# Personal data ---------------------------------------------------------------------------------


async def reported(centre: Centre) -> str:
    answer = await centre.ask("POST", "calls", REPORT)
    await centre.settle()
    return str(answer.json()["call_id"])


async def test_personal_data_stay_sealed_unless_asked_for(centre: Centre) -> None:
    call_id = await reported(centre)
    shown = await centre.shown(f"calls/{call_id}")
    assert (shown["caller"], shown["story"]) == ({"sealed": True}, {"sealed": True})
    assert centre.vault.looked == []


async def test_who_may_sees_who_called_and_that_is_written_down(centre: Centre) -> None:
    call_id = await reported(centre)
    shown = await centre.shown(f"calls/{call_id}?personal=true")
    assert (shown["caller"], shown["story"]) == ({"number": NUMBER, "name": "Maria"}, STORY)
    assert centre.vault.looked == [("siti", "caller"), ("siti", "story")]


async def test_who_may_not_sees_nothing_and_nothing_is_opened(centre: Centre) -> None:
    call_id = await reported(centre)
    for roles in ({Role.CALL_TAKER, Role.PROVINCE_OPERATOR}, {Role.TENANT_ADMIN}, {Role.AUDITOR}):
        answer = await centre.ask("GET", f"calls/{call_id}?personal=true", roles=roles)
        assert answer.status_code == 403, roles
        assert NUMBER not in answer.text
    assert (
        await centre.ask("GET", f"calls/{call_id}", roles={Role.CALL_TAKER, Role.PROVINCE_OPERATOR})
    ).status_code == 200
    assert centre.vault.looked == []


async def test_an_erased_value_shows_as_null(centre: Centre) -> None:
    call_id = await reported(centre)
    centre.vault.erased.add(call_id)
    shown = await centre.shown(f"calls/{call_id}?personal=true")
    assert (shown["caller"], shown["story"]) == (None, None)


async def test_a_withheld_caller_shows_as_null_and_opens_nothing(centre: Centre) -> None:
    told = await centre.tell(ringing())
    await centre.settle()
    for asked in ("", "?personal=true"):
        shown = await centre.shown(f"calls/{told.json()['call_id']}{asked}")
        assert (shown["caller"], shown["story"], shown["caller_ref"]) == (None, None, None)
    assert centre.vault.looked == []

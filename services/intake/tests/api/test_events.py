"""An exchange's signed events: kept before they are answered; what is refused is kept too."""

import asyncio
import json
import statistics
import time as machine
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from intake.api import events
from service_kit.signing import shareable, sign
from services.intake.tests.api.centre import KUPANG, NOON, NUMBER, TRUNK, TTU, Centre, event, ringing

CALL = "1795418172.0"
OUR_NAMES = "events_api/53.03/pbx-ttu"
STRANGERS = "events_api/unproven"


async def facts_waiting(centre: Centre) -> int:
    return sum(one.facts for one in await centre.spool.waiting())


# What is taken ---------------------------------------------------------------------------------


async def test_an_event_is_in_the_spool_when_it_is_answered_and_then_becomes_a_call(centre: Centre) -> None:
    answer = await centre.tell(event("queued", queue="ttu112", number=NUMBER))
    assert (answer.status_code, answer.json()["taken"]) == (202, True)
    assert await facts_waiting(centre) == 1
    await centre.settle()
    kept = await centre.calls.kept(TTU, answer.json()["call_id"])
    assert kept is not None
    assert (kept.state.call.stage, kept.state.call.queue) == ("queued", "ttu112")


async def test_what_a_webhook_library_signs_is_taken(centre: Centre) -> None:
    raw = json.dumps(ringing()).encode()
    library = Webhook(shareable(centre.secrets.read(f"trunks/{TTU}/{TRUNK}")))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOON.timestamp())),
        "webhook-signature": library.sign("msg_1", NOON, raw.decode()),
    }
    assert (await centre.send(raw, headers=headers)).status_code == 202


async def test_the_same_message_again_is_dull(centre: Centre) -> None:
    first = await centre.tell(ringing(), id="msg_same")
    again = await centre.tell(ringing(), id="msg_same")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert await facts_waiting(centre) == 1


async def test_the_same_event_under_a_new_id_after_it_was_settled_changes_nothing(centre: Centre) -> None:
    first = await centre.tell(event("queued", number=NUMBER))
    await centre.settle()
    centre.time.now += timedelta(seconds=30)
    await centre.tell(event("queued", number=NUMBER))
    await centre.settle()
    assert centre.calls.versions == {first.json()["call_id"]: 1}


async def test_one_moment_written_with_two_offsets_is_one_event(centre: Centre) -> None:
    await centre.tell({**ringing(), "occurred_at": "2026-11-23T12:00:00Z"})
    await centre.tell({**ringing(), "occurred_at": "2026-11-23T20:00:00+08:00"})
    assert await facts_waiting(centre) == 1


LIFE = [
    ringing(number=NUMBER),
    event("queued", seconds=2, queue="ttu112", number=NUMBER),
    event("answered", seconds=9, queue="ttu112", agent="Petugas 1", waiting_seconds=7),
    event("ended", seconds=60, queue="ttu112", agent="Petugas 1", ended_by="caller", talking_seconds=51),
]


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (2, 0, 3, 1), (3, 0, 0, 2, 1, 3)])
@pytest.mark.parametrize("settled_between", [True, False])
async def test_events_out_of_order_and_late_tell_the_same_call(
    centre: Centre, order: tuple[int, ...], settled_between: bool
) -> None:
    for step in order:
        assert (await centre.tell(LIFE[step])).status_code == 202
        centre.time.now += timedelta(seconds=20)
        if settled_between:
            await centre.settle()
    await centre.settle()
    (record,) = centre.calls.records.values()
    call = record.call
    assert (call.outcome, call.agent, call.ended_by, call.notes) == ("answered", "Petugas 1", "caller", ())
    assert (call.waiting, call.talking) == (timedelta(seconds=7), timedelta(seconds=51))
    assert call.started_at == NOON


async def test_an_unknown_event_is_not_taken_but_kept_sealed_and_counted(centre: Centre) -> None:
    answer = await centre.tell(event("parked", number=NUMBER))
    assert (answer.status_code, answer.json()["taken"]) == (202, False)
    (kept,) = await centre.refused()
    assert (kept.tenant, kept.source, kept.reason) == (TTU, OUR_NAMES, "unknown_event")
    assert NUMBER.encode() in kept.raw
    assert (await centre.counted())[f"{OUR_NAMES} counted/UNKNOWN_EVENT"] == 1
    assert await facts_waiting(centre) == 0


async def test_an_unknown_word_for_who_hung_up_does_not_cost_the_end(centre: Centre) -> None:
    answer = await centre.tell(event("ended", ended_by="operator"))
    assert answer.json()["taken"] is True


@pytest.mark.parametrize("kind", ["ringing", "queued", "answered", "transferred", "ended", "abandoned"])
async def test_every_known_event_is_taken_with_nothing_but_its_call_and_time(
    centre: Centre, kind: str
) -> None:
    assert (await centre.tell(event(kind))).json()["taken"] is True


async def test_a_clock_that_was_never_set_is_believed(centre: Centre) -> None:
    answer = await centre.tell({**ringing(), "occurred_at": "1970-01-01T00:00:05+08:00"})
    assert answer.status_code == 202
    await centre.settle()
    assert len(centre.calls.records) == 1


FOOLISH: list[tuple[str, object]] = [
    ("waiting_seconds", -1),
    ("ringing_seconds", "long"),
    ("talking_seconds", 1e300),
    ("number", ["0812"]),
    ("number", True),
    ("name", "x" * 201),
    ("name", "Jos\ud83d"),
    ("agent", {"id": 7}),
    ("queue", "q" * 201),
    ("target", []),
    ("ended_by", 0),
]


@pytest.mark.parametrize(("name", "value"), FOOLISH)
async def test_a_foolish_field_costs_itself_and_never_the_call(
    centre: Centre, name: str, value: object
) -> None:
    answer = await centre.tell({**event("queued"), name: value})
    assert (answer.status_code, answer.json().get("left_out")) == (202, [name])
    await centre.settle()
    assert len(centre.calls.records) == 1
    (kept,) = await centre.refused()
    assert (kept.tenant, kept.source, kept.reason) == (TTU, OUR_NAMES, "unusable_field")
    assert await centre.counted() == {
        f"{OUR_NAMES} refused/unusable_field": 1,
        f"{OUR_NAMES} counted/LEFT_OUT_{name.upper()}": 1,
    }


async def test_a_letter_in_another_encoding_costs_the_field_it_stands_in(centre: Centre) -> None:
    raw = json.dumps({**event("queued", number=NUMBER), "name": "José"}, ensure_ascii=False)
    answer = await centre.send(raw.encode("latin-1"))
    assert (answer.status_code, answer.json()["left_out"]) == (202, ["name"])
    assert [one.raw for one in await centre.refused()] == [raw.encode("latin-1")]


async def test_all_fields_left_out_are_named_and_a_repeat_is_answered_alike(centre: Centre) -> None:
    foolish = {**ringing(), "waiting_seconds": -1, "ended_by": 0, "name": ["x"]}
    first, again = await centre.tell(foolish), await centre.tell(foolish)
    assert first.json()["left_out"] == ["ended_by", "name", "waiting_seconds"]
    assert (first.json(), await facts_waiting(centre)) == (again.json(), 1)


async def test_an_event_taken_whole_names_nothing_as_left_out(centre: Centre) -> None:
    answer = await centre.tell(event("queued", number=NUMBER))
    assert "left_out" not in answer.json()
    assert await centre.counted() == {}


async def test_numbers_are_taken_as_their_text_and_two_ids_never_as_one(centre: Centre) -> None:
    told = [
        b'{"event":"queued","occurred_at":"2026-11-23T12:00:00Z","number":112,"queue":112,"call_id":%s}' % one
        for one in (b"1795418172.1", b"1795418172.10", b"1795418172", b'"1795418172"')
    ]
    answers = [await centre.send(raw) for raw in told]
    assert [(one.status_code, "left_out" in one.json()) for one in answers] == [(202, False)] * 4
    await centre.settle()
    keys = [record.call.key.exchange_call_id for record in centre.calls.records.values()]
    assert sorted(keys) == ["1795418172", "1795418172.1", "1795418172.10"]
    assert {record.call.queue for record in centre.calls.records.values()} == {"112"}


# What is refused -------------------------------------------------------------------------------


Forge = Callable[[bytes, bytes], dict[str, str]]


def _other_secret(_: bytes, raw: bytes) -> dict[str, str]:
    return sign(b"x" * 43, "msg_1", NOON, raw)


def _other_body(secret: bytes, _: bytes) -> dict[str, str]:
    return sign(secret, "msg_1", NOON, b"{}")


def _old(secret: bytes, raw: bytes) -> dict[str, str]:
    return sign(secret, "msg_1", NOON - timedelta(minutes=16), raw)


def _new(secret: bytes, raw: bytes) -> dict[str, str]:
    return sign(secret, "msg_1", NOON + timedelta(minutes=16), raw)


def _other_id(secret: bytes, raw: bytes) -> dict[str, str]:
    return {**sign(secret, "msg_1", NOON, raw), "webhook-id": "msg_2"}


def _none(_: bytes, __: bytes) -> dict[str, str]:
    return {}


@pytest.mark.parametrize("forged", [_other_secret, _other_body, _old, _new, _other_id, _none])
async def test_what_proves_nothing_is_refused_and_kept_sealed(centre: Centre, forged: Forge) -> None:
    raw = json.dumps(ringing(number=NUMBER)).encode()
    headers = forged(centre.secrets.read(f"trunks/{TTU}/{TRUNK}"), raw)
    answer = await centre.send(raw, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:siaga112:problem:signature_refused")
    (kept,) = await centre.refused()
    assert (kept.reason, kept.raw, kept.source) == ("not_authenticated", raw, f"{STRANGERS}/53.03/pbx-ttu")
    assert await facts_waiting(centre) == 0


@pytest.mark.parametrize(
    ("tenant", "trunk"),
    [(KUPANG, TRUNK), (TTU, "another"), ("99.99", "none"), ("..", TRUNK), (TTU, "%2e%2e"), (TTU, "a%1fb")],
)
async def test_an_unknown_trunk_or_tenant_looks_exactly_like_a_wrong_signature(
    centre: Centre, tenant: str, trunk: str
) -> None:
    raw = json.dumps(ringing()).encode()
    wrong = await centre.send(raw, headers=_other_secret(b"", raw))
    unknown = await centre.send(raw, tenant=tenant.replace("..", "%2e%2e"), trunk=trunk)
    assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)
    assert set(unknown.headers.items()) == set(wrong.headers.items())


async def test_strangers_cannot_make_names_of_their_own_in_our_counts(centre: Centre) -> None:
    for name in range(5):
        await centre.send(b"{}", tenant=f"{name}", trunk="x" * 400)
    assert await centre.counted() == {f"{STRANGERS} refused/not_authenticated": 5}


async def test_of_a_stranger_only_the_beginning_is_kept(centre: Centre) -> None:
    await centre.send(b"y" * 10_000, headers={})
    (kept,) = await centre.refused()
    assert kept.raw == b"y" * 4_096


async def test_a_secret_that_others_can_read_proves_nothing(centre: Centre, tmp_path: Any) -> None:
    raw, secret = json.dumps(ringing()).encode(), centre.secrets.read(f"trunks/{TTU}/{TRUNK}")
    (tmp_path / "secrets" / "trunks" / TTU / TRUNK).chmod(0o644)
    answer = await centre.send(raw, headers=sign(secret, "msg_1", NOON, raw))
    assert answer.status_code == 401
    assert [one.raw for one in await centre.refused()] == [raw]


async def test_a_secret_that_is_no_secret_refuses_with_the_event_kept(centre: Centre, tmp_path: Any) -> None:
    raw, secret = json.dumps(ringing()).encode(), centre.secrets.read(f"trunks/{TTU}/{TRUNK}")
    (tmp_path / "secrets" / "trunks" / TTU / TRUNK).write_text("short\n")
    answer = await centre.send(raw, headers=sign(secret, "msg_1", NOON, raw))
    assert answer.status_code == 401
    assert [one.raw for one in await centre.refused()] == [raw]


def said(**changed: Any) -> bytes:
    return json.dumps({**ringing(number=NUMBER), **changed}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in ringing().items() if key != name}).encode()


MALFORMED = [
    (b"", 400),
    (b"ringing", 400),
    (b'{"event": "ringing"', 400),
    (b"\xff\xfe{}", 400),
    (b'{"event": "ringing", "waiting_seconds": NaN}', 400),
    (b'{"a":' * 9 + b"1" + b"}" * 9, 400),
    (b'{"event": "ringing", "event": "ended"}', 400),
    (b"[]", 422),
    (b"null", 422),
    (without("event"), 422),
    (without("call_id"), 422),
    (without("occurred_at"), 422),
    (said(event=""), 422),
    (said(call_id="x" * 201), 422),
    (said(occurred_at="2026-11-23T12:00:00"), 422),
    (said(occurred_at="0001-01-01T00:00:00+08:00"), 422),
    (said(occurred_at="9999-12-31T23:59:59-08:00"), 422),
    (b'{"event": "\\ud800"}', 422),
    (said(call_id=None), 422),
    (said(call_id=True), 422),
    (said(call_id=["1795418172.0"]), 422),
    (said(call_id="\ud800"), 422),
    (said(event=7, waiting_seconds=-1), 422),
]


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
@pytest.mark.parametrize(("raw", "status"), MALFORMED)
async def test_malformed_input_is_refused_and_its_raw_form_kept_whatever_it_calls_itself(
    centre: Centre, raw: bytes, status: int, content_type: str | None
) -> None:
    answer = await centre.send(raw, content_type=content_type)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    (kept,) = await centre.refused()
    assert (kept.tenant, kept.source, kept.reason, kept.raw) == (TTU, OUR_NAMES, "malformed", raw)
    assert (await centre.counted())[f"{OUR_NAMES} refused/malformed"] == 1
    assert await facts_waiting(centre) == 0


async def test_a_refusal_names_the_fields_and_never_what_stood_in_them(centre: Centre) -> None:
    answer = await centre.send(said(event=[NUMBER], call_id=[NUMBER], occurred_at=[NUMBER]))
    fields = [wrong["field"] for wrong in answer.json()["errors"]]
    assert fields == ["event", "call_id", "occurred_at"]
    assert NUMBER not in answer.text


@pytest.mark.parametrize("content_type", ["application/json", None])
@pytest.mark.parametrize("size", [16_385, 300_000])
async def test_a_body_too_large_is_refused_with_its_beginning_kept(
    centre: Centre, size: int, content_type: str | None
) -> None:
    answer = await centre.send(b"z" * size, content_type=content_type)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:siaga112:problem:too_large")
    (kept,) = await centre.refused()
    assert (kept.reason, kept.raw) == ("too_large", b"z" * 4_096)


async def test_a_body_of_the_largest_size_is_read(centre: Centre) -> None:
    raw = json.dumps(ringing()).encode()
    answer = await centre.send(raw + b" " * (16_384 - len(raw)))
    assert answer.status_code == 202


async def test_no_number_lies_in_the_spool_in_the_clear(centre: Centre, tmp_path: Any) -> None:
    await centre.tell(ringing(number=NUMBER))
    await centre.tell(event("parked", number=NUMBER))
    await centre.send(said(call_id=""))
    await centre.send(said(), headers={})
    assert await facts_waiting(centre) == 1
    assert len(await centre.refused()) == 3
    written = b"".join(path.read_bytes() for path in tmp_path.glob("spool.sqlite*"))
    assert NUMBER.encode() not in written


# The worst day ---------------------------------------------------------------------------------


async def test_an_unwritable_spool_says_send_it_again_and_nothing_was_kept(centre: Centre) -> None:
    centre.spool.is_full = True
    answer = await centre.tell(ringing())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:siaga112:problem:spool_unwritable"
    assert centre.current.of(TTU, NOON) == []
    centre.spool.is_full = False
    assert await facts_waiting(centre) == 0
    assert (await centre.tell(ringing())).status_code == 202


async def test_an_unwritable_spool_turns_no_refusal_into_something_else(centre: Centre) -> None:
    centre.spool.is_full = True
    assert (await centre.send(b"{}", headers={})).status_code == 401
    assert (await centre.send(b"{")).status_code == 400
    assert (await centre.send(b"{}")).status_code == 422
    assert (await centre.send(b"z" * 20_000)).status_code == 413


async def test_an_unknown_event_that_could_not_be_kept_is_asked_for_again(centre: Centre) -> None:
    centre.spool.is_full = True
    assert (await centre.tell(event("parked"))).status_code == 503


async def test_events_are_answered_within_milliseconds(centre: Centre) -> None:
    took = []
    for number in range(40):
        began = machine.perf_counter()
        answer = await centre.tell(ringing(f"call-{number}"))
        took.append(machine.perf_counter() - began)
        assert answer.status_code == 202
    assert statistics.median(took) < 0.25, "an fsync and a signature do not take a quarter of a second"


async def test_a_body_that_never_ends_is_given_up(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "WHOLE_WITHIN_SECONDS", 0.05)

    async def drips() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    url = f"/v1/tenants/{TTU}/trunks/{TRUNK}/events"
    async with asyncio.timeout(10):
        answer = await centre.client.post(url, content=drips())
    assert (answer.status_code, await centre.refused()) == (408, [])


async def test_many_exchanges_at_once_are_all_kept(centre: Centre) -> None:
    answers = await asyncio.gather(*(centre.tell(ringing(f"call-{number}")) for number in range(100)))
    assert {answer.status_code for answer in answers} == {202}
    assert await facts_waiting(centre) == 100


async def test_the_description_names_the_body_and_the_signature_though_they_are_read_by_hand(
    centre: Centre,
) -> None:
    described = (await centre.client.get("/openapi.json")).json()
    door = described["paths"]["/v1/tenants/{tenant}/trunks/{trunk}/events"]["post"]
    names = {one["name"] for one in door["parameters"] if one["in"] == "header"}
    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= names
    assert "occurred_at" in door["requestBody"]["content"]["application/json"]["schema"]["properties"]


@pytest.mark.parametrize("ahead", [timedelta(minutes=-10), timedelta(minutes=5, seconds=1)])
async def test_an_exchange_whose_clock_lies_is_heard_and_named(centre: Centre, ahead: timedelta) -> None:
    raw = json.dumps(ringing(number=NUMBER)).encode()
    secret = centre.secrets.read(f"trunks/{TTU}/{TRUNK}")
    answer = await centre.send(raw, headers=sign(secret, "msg_1", NOON + ahead, raw))
    assert answer.status_code == 202
    assert await centre.skews.report() == {f"trunk {TTU}/{TRUNK}": -ahead.total_seconds()}

"""The doors: who may come in, what they are told, and what a wrong request is answered with."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from service_kit.decisions import Saved
from service_kit.identity import Kind, Role

if TYPE_CHECKING:
    from services.directory.tests.conftest import Ask, Configured, World

PASSWORD = "hujan-turun-di-kefa"
NEW = {
    "id": "meja-1",
    "name": "Meja 1",
    "kind": "person",
    "tenants": ["53.03"],
    "roles": ["call_taker"],
    "password": PASSWORD,
}


async def test_a_token_is_given_for_json_and_for_a_form(ask: "Ask", world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    json = await ask(None, "POST", "/v1/tokens", json={"account": "meja-1", "password": PASSWORD})
    form = {"grant_type": "password", "username": "meja-1", "password": PASSWORD}
    formed = await ask(None, "POST", "/v1/tokens", data=form)
    for answer in (json, formed):
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 600)


async def test_the_token_opens_the_doors(ask: "Ask", world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    given = await ask(None, "POST", "/v1/tokens", json={"account": "meja-1", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
    me = await ask(None, "GET", "/v1/me", headers=headers)
    assert (me.status_code, me.json()["id"], "hash" in me.text) == (200, "meja-1", False)


@pytest.mark.parametrize(
    "how",
    [
        {"json": {"account": "meja-1"}},
        {"json": {"account": "meja-1", "password": PASSWORD, "more": 1}},
        {"json": [1]},
        {"content": b"\xff"},
        {"data": {"grant_type": "client_credentials", "username": "meja-1", "password": PASSWORD}},
        {"json": {"account": "meja-1", "password": "x" * 1100}},
        {},
    ],
)
async def test_a_log_in_that_is_none_is_refused_without_quoting_it(
    ask: "Ask", how: dict[str, object]
) -> None:
    answer = await ask(None, "POST", "/v1/tokens", **how)
    assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (400, "invalid_request")
    assert PASSWORD not in answer.text


async def test_too_many_failed_log_ins_are_told_how_long_to_wait(ask: "Ask") -> None:
    wrong = {"account": "meja-1", "password": "salah"}
    answers = [await ask(None, "POST", "/v1/tokens", json=wrong) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1].headers["retry-after"] == "1"


async def test_the_public_keys_are_for_all_and_hold_nothing_private(ask: "Ask") -> None:
    keys = (await ask(None, "GET", "/v1/keys")).json()["keys"]
    assert set(keys[0]) == {"crv", "kty", "x", "kid", "alg", "use"}


async def test_a_tenant_is_applied_read_and_has_a_history(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    admin = world.admin()
    first = await ask(admin, "PUT", "/v1/tenants/53.03", json=configured())
    assert (first.status_code, first.headers["etag"], first.json()["unchanged"]) == (200, '"1"', False)
    renamed = configured(name="TTU")
    second = await ask(admin, "PUT", "/v1/tenants/53.03", json=renamed, headers={"If-Match": '"1"'})
    assert [change["path"] for change in second.json()["changes"]] == ["name"]
    shown = await ask(admin, "GET", "/v1/tenants/53.03")
    assert (shown.json()["configuration"], shown.headers["etag"]) == (renamed, '"2"')
    history = await ask(admin, "GET", "/v1/tenants/53.03/history")
    assert [one["version"] for one in history.json()["items"]] == [2, 1]
    old = await ask(admin, "GET", "/v1/tenants/53.03/history/1")
    assert old.json()["configuration"] == configured()
    assert (await ask(admin, "GET", "/v1/tenants/53.03/history/3")).status_code == 404


@pytest.mark.parametrize(
    "path", ["history/-99999999999999999999", "history/0", f"history/{2**63}", f"history?before={2**63 + 1}"]
)
async def test_a_version_that_no_tenant_can_have_is_refused_before_the_store_is_asked(
    ask: "Ask", world: "World", configured: "Configured", path: str
) -> None:
    admin = world.admin()
    await ask(admin, "PUT", "/v1/tenants/53.03", json=configured())
    assert (await ask(admin, "GET", f"/v1/tenants/53.03/{path}")).status_code == 422


async def test_a_repeat_is_marked_and_an_unchanged_file_is_dull(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    admin, key = world.admin(), {"Idempotency-Key": "same"}
    await ask(admin, "PUT", "/v1/tenants/53.03", json=configured(), headers=key)
    again = await ask(admin, "PUT", "/v1/tenants/53.03", json=configured(), headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    other = await ask(admin, "PUT", "/v1/tenants/53.03", json=configured())
    assert (other.json()["unchanged"], other.json()["version"], other.json()["changes"]) == (True, 1, [])
    reused = await ask(admin, "PUT", "/v1/tenants/53.03", json=configured(name="X"), headers=key)
    assert (reused.status_code, reused.json()["type"]) == (422, "urn:siaga112:problem:key_reused")


async def test_a_stale_version_gets_409_with_the_newer_state(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    admin = world.admin()
    await ask(admin, "PUT", "/v1/tenants/53.03", json=configured())
    await ask(admin, "PUT", "/v1/tenants/53.03", json=configured(name="TTU"))
    stale = {"If-Match": '"1"'}
    answer = await ask(admin, "PUT", "/v1/tenants/53.03", json=configured(name="X"), headers=stale)
    assert (answer.status_code, answer.json()["version"]) == (409, 2)
    assert answer.json()["current"]["configuration"]["name"] == "TTU"


async def test_a_bad_configuration_is_answered_with_every_error_in_both_languages(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    bad = configured(abbreviation="t", time_zone="Asia/Kefa")
    for method, path in (("PUT", "/v1/tenants/53.03"), ("POST", "/v1/tenants/53.03/validate")):
        answer = await ask(world.admin(), method, path, json=bad)
        assert answer.status_code == 422
        assert {error["field"] for error in answer.json()["errors"]} == {"abbreviation", "time_zone"}
        assert set(answer.json()["errors"][0]["message"]) == {"id", "en"}
    assert not world.tenants.kept


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b"[" * 100 + b"]" * 100, 400),
        (b" " * 300_000, 413),
    ],
)
async def test_a_body_that_is_no_configuration_is_refused(
    ask: "Ask", world: "World", content: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await ask(world.admin(), "PUT", "/v1/tenants/53.03", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_foreign_tenant_looks_the_same_whether_it_is_there_or_not(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    await ask(world.admin(), "PUT", "/v1/tenants/53.71", json=configured("53.71"))
    kominfo = world.account("kominfo-ttu", Role.TENANT_ADMIN)
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/history", None),
        ("GET", "/history/1", None),
        ("PUT", "", configured("53.71")),
        ("POST", "/validate", configured("53.71")),
    ):
        there = await ask(kominfo, method, f"/v1/tenants/53.71{path}", json=body)
        absent = await ask(kominfo, method, f"/v1/tenants/53.99{path}", json=body)
        assert there.status_code == absent.status_code == 403
        assert there.json() == absent.json()
    listed = await ask(kominfo, "GET", "/v1/tenants")
    assert listed.json() == {"items": []}


@pytest.mark.parametrize("role", [Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR])
async def test_the_desk_reads_its_tenant_but_does_not_apply_it(
    ask: "Ask", world: "World", configured: "Configured", role: Role
) -> None:
    await ask(world.admin(), "PUT", "/v1/tenants/53.03", json=configured())
    somebody = world.account("meja-1", role)
    assert (await ask(somebody, "GET", "/v1/tenants/53.03")).status_code == 200
    assert (await ask(somebody, "PUT", "/v1/tenants/53.03", json=configured())).status_code == 403


async def test_without_a_token_every_door_but_two_is_closed(ask: "Ask", configured: "Configured") -> None:
    for method, path in (
        ("GET", "/v1/tenants"),
        ("GET", "/v1/tenants/53.03"),
        ("PUT", "/v1/tenants/53.03"),
        ("POST", "/v1/tenants/53.03/validate"),
        ("GET", "/v1/tenants/53.03/history"),
        ("GET", "/v1/accounts"),
        ("POST", "/v1/accounts"),
        ("GET", "/v1/accounts/admin"),
        ("PUT", "/v1/accounts/admin"),
        ("PUT", "/v1/accounts/admin/password"),
        ("GET", "/v1/me"),
        ("PUT", "/v1/me/password"),
        ("GET", "/v1/audit"),
        ("GET", "/v1/audit/verification"),
    ):
        body = configured() if method != "GET" else None
        answer = await ask(None, method, path, json=body)
        assert answer.status_code == 401, (method, path, answer.text)


async def test_an_account_is_made_shown_and_disabled(ask: "Ask", world: "World") -> None:
    admin = world.admin()
    made = await ask(admin, "POST", "/v1/accounts", json=NEW)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert PASSWORD not in made.text
    description = {key: value for key, value in NEW.items() if key not in {"id", "password"}}
    disabled = await ask(admin, "PUT", "/v1/accounts/meja-1", json={**description, "disabled": True})
    assert disabled.json()["disabled"]
    refused = await ask(None, "POST", "/v1/tokens", json={"account": "meja-1", "password": PASSWORD})
    assert refused.status_code == 401


async def test_no_digest_of_a_password_is_kept_with_the_command(ask: "Ask", world: "World") -> None:
    admin = world.admin()
    world.account("meja-2", Role.CALL_TAKER)
    for key, password in (("a", PASSWORD), ("b", "another-sentence-entirely")):
        own = {"Idempotency-Key": key}
        body = {"password": password}
        await ask(admin, "PUT", "/v1/accounts/meja-2/password", json=body, headers=own)
    kept = [fingerprint for (name, _), fingerprint in world.accounts.keys.items() if name == "meja-2"]
    assert len(kept) == 2
    assert len(set(kept)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"password": "another-sentence-entirely"},
        {"roles": ["dispatcher"]},
        {"name": "Meja 2"},
        {"disabled": True},
    ],
)
async def test_a_key_used_again_for_another_account_than_the_made_one_is_refused(
    ask: "Ask", world: "World", change: dict[str, object]
) -> None:
    admin, key = world.admin(), {"Idempotency-Key": "same"}
    await ask(admin, "POST", "/v1/accounts", json=NEW, headers=key)
    in_another_order = dict(reversed(NEW.items()))
    again = await ask(admin, "POST", "/v1/accounts", json=in_another_order, headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    other = await ask(admin, "POST", "/v1/accounts", json={**NEW, **change}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:siaga112:problem:key_reused")


@pytest.mark.parametrize(
    ("path", "present"), [("/v1/accounts/admin/password", {}), ("/v1/me/password", {"present": PASSWORD})]
)
async def test_a_key_used_again_for_another_password_is_refused_and_the_first_one_stays(
    ask: "Ask", world: "World", path: str, present: dict[str, str]
) -> None:
    admin, key = world.admin(), {"Idempotency-Key": "same"}
    first = {**present, "password": "angin-timur-di-atambua"}
    for replayed in (None, "true"):
        answer = await ask(admin, "PUT", path, json=first, headers=key)
        assert (answer.status_code, answer.headers.get("idempotent-replayed")) == (200, replayed)
    other = await ask(admin, "PUT", path, json={**present, "password": "ombak-besar-di-wini"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:siaga112:problem:key_reused")
    assert world.accounts.kept["admin"].state.password_hash == f"hash of {first['password']}"


async def test_a_disabled_account_opens_no_door_with_the_token_that_it_still_has(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    admin = world.admin()
    kept = world.accounts.kept["admin"]
    world.accounts.kept["admin"] = Saved(replace(kept.state, disabled=True), kept.version + 1)
    enabled = {"name": "A", "kind": "person", "tenants": ["*"], "roles": ["platform_admin"]}
    for method, path, body in (
        ("PUT", "/v1/accounts/admin", enabled),
        ("POST", "/v1/accounts", NEW),
        ("PUT", "/v1/me/password", {"present": PASSWORD, "password": "angin-timur-di-atambua"}),
        ("PUT", "/v1/tenants/53.03", configured()),
        ("GET", "/v1/audit", None),
    ):
        answer = await ask(admin, method, path, json=body)
        assert answer.status_code == 401, (method, path, answer.text)
    assert (set(world.accounts.kept), world.tenants.kept) == ({"admin"}, {})


async def test_rights_that_were_taken_away_are_gone_here_before_the_token_ends(
    ask: "Ask", world: "World"
) -> None:
    then = world.account("kominfo-ttu", Role.TENANT_ADMIN)
    world.account("kominfo-ttu", Role.CALL_TAKER)
    assert (await ask(then, "POST", "/v1/accounts", json=NEW)).status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"password": "pendek"}, 422),
        ({"id": "Meja 1"}, 422),
        ({"tenants": ["*"]}, 422),
        ({"roles": ["king"]}, 422),
        ({"role": "call_taker"}, 422),
        ({"roles": ["agency"]}, 422),
        ({"tenants": []}, 422),
    ],
)
async def test_an_account_that_cannot_be_is_refused(
    ask: "Ask", world: "World", change: dict[str, object], status: int
) -> None:
    answer = await ask(world.admin(), "POST", "/v1/accounts", json={**NEW, **change})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert PASSWORD not in answer.text


async def test_rights_that_are_not_the_askers_are_not_handed_out(ask: "Ask", world: "World") -> None:
    kominfo = world.account("kominfo-ttu", Role.TENANT_ADMIN)
    answer = await ask(kominfo, "POST", "/v1/accounts", json={**NEW, "tenants": ["53.71"]})
    assert answer.status_code == 403


async def test_a_foreign_account_and_an_unknown_one_look_the_same(ask: "Ask", world: "World") -> None:
    kominfo = world.account("kominfo-ttu", Role.TENANT_ADMIN)
    world.account("meja-kpg", Role.CALL_TAKER, tenants=["53.71"])
    answers = [await ask(kominfo, "GET", f"/v1/accounts/{name}") for name in ("meja-kpg", "tidak-ada")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


async def test_a_taken_id_says_no_more_than_that_whatever_version_is_named(
    ask: "Ask", world: "World"
) -> None:
    kominfo = world.account("kominfo-ttu", Role.TENANT_ADMIN)
    world.account("meja-kpg", Role.CALL_TAKER, tenants=["53.71"])
    body = {
        "id": "meja-kpg",
        "name": "Meja 1",
        "kind": "person",
        "tenants": ["53.03"],
        "roles": ["call_taker"],
        "password": "kata sandi yang panjang",
    }
    for seen in ({}, {"If-Match": '"99"'}):
        answer = await ask(kominfo, "POST", "/v1/accounts", json=body, headers=seen)
        assert (answer.status_code, answer.json()["reason"]) == (409, "id_taken")
        assert "53.71" not in answer.text


async def test_accounts_are_listed_within_ones_own_tenant(ask: "Ask", world: "World") -> None:
    kominfo = world.account("kominfo-ttu", Role.TENANT_ADMIN)
    world.account("meja-1", Role.CALL_TAKER)
    world.account("meja-kpg", Role.CALL_TAKER, tenants=["53.71"])
    world.account("damkar-ttu", Role.AGENCY, kind=Kind.AGENCY, agency="damkar")
    own = await ask(kominfo, "GET", "/v1/accounts?tenant=53.03")
    assert [one["id"] for one in own.json()["items"]] == ["damkar-ttu", "kominfo-ttu", "meja-1"]
    assert (await ask(kominfo, "GET", "/v1/accounts?tenant=53.71")).status_code == 403
    assert (await ask(kominfo, "GET", "/v1/accounts")).status_code == 403


async def test_the_trail_is_read_by_those_who_may(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    admin, kominfo = world.admin(), world.account("kominfo-ttu", Role.TENANT_ADMIN)
    await ask(admin, "PUT", "/v1/tenants/53.03", json=configured())
    await ask(admin, "PUT", "/v1/tenants/53.71", json=configured("53.71"))
    own = await ask(kominfo, "GET", "/v1/audit?tenant=53.03")
    assert [entry["tenant"] for entry in own.json()["items"]] == ["53.03"]
    assert (await ask(kominfo, "GET", "/v1/audit?tenant=53.71")).status_code == 403
    assert (await ask(kominfo, "GET", "/v1/audit")).status_code == 403
    assert (await ask(kominfo, "GET", "/v1/audit/verification")).status_code == 403
    every = await ask(admin, "GET", "/v1/audit")
    assert len(every.json()["items"]) == 2
    assert (await ask(admin, "GET", "/v1/audit/verification")).json()["holds"]


async def test_a_change_without_an_idempotency_key_is_refused(
    ask: "Ask", world: "World", configured: "Configured"
) -> None:
    headers = {"Idempotency-Key": ""}
    answer = await ask(world.admin(), "PUT", "/v1/tenants/53.03", json=configured(), headers=headers)
    assert (answer.status_code, world.tenants.kept) == (400, {})

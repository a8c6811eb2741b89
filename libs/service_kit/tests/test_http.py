"""Bad requests get a clear answer that says what, where and what to do; nothing is half done."""

from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, Response
from prometheus_client import REGISTRY, generate_latest
from pydantic import BaseModel

from service_kit import metrics
from service_kit.clock import utc_now
from service_kit.decisions import Conflict, KeyReused, NotPossible, Saved, Unknown
from service_kit.http import Commanded, Gate, granted, make_app, mark_version, saved_or_problem
from service_kit.identity import Action, KeySet, Kind, Principal, Role, Signer, Verifier
from service_kit.secrets import Secrets
from service_kit.transient import Away

TENANT = "53.03"
RESULTS: dict[str, object] = {
    "saved": Saved("state", 7),
    "repeated": Saved("state", 7, repeated=True),
    "unknown": Unknown(),
    "conflict": Conflict("newer", 8),
    "reused": KeyReused(),
    "impossible": NotPossible("already_closed", ("reopen",)),
}


class Wish(BaseModel):
    """What a caller asks for."""

    result: str


async def nothing() -> list[str]:
    return ["store"]


async def numbers() -> dict[str, object]:
    return {"outbox": 3}


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(Secrets(tmp_path / "secrets"), issuer="siaga112", audience="siaga112")


@pytest.fixture
async def client(tmp_path: Path, signer: Signer) -> AsyncIterator[httpx.AsyncClient]:
    signer.publish(tmp_path / "keys.json")
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), utc_now)
    app = make_app("test", version="1", gate=gate, report=numbers, ready=nothing)

    @app.post("/v1/tenants/{tenant}/wishes")
    async def wish(
        tenant: str,
        body: Wish,
        response: Response,
        command: Commanded,
        _: Annotated[Principal, Depends(granted(Action.CLASSIFY))],
    ) -> dict[str, Any]:
        if body.result == "away":
            raise Away("the store")
        if body.result == "broken":
            message = "0812 0000 0042"
            raise LookupError(message)
        saved = saved_or_problem(RESULTS[body.result], what="wish", current=lambda state: {"is": state})
        mark_version(response, saved.version, repeated=saved.repeated)
        return {"tenant": tenant, "by": command.by, "seen": command.seen_version}

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def headers(signer: Signer, *, tenant: str = TENANT, role: Role = Role.CALL_TAKER) -> dict[str, str]:
    who = Principal("siti", "Siti", Kind.PERSON, frozenset({tenant}), frozenset({role}))
    token = signer.token(who, utc_now(), timedelta(minutes=5))
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}


WISHES = f"/v1/tenants/{TENANT}/wishes"


@pytest.mark.parametrize(
    ("result", "status", "kind"),
    [
        ("unknown", HTTPStatus.NOT_FOUND, "unknown"),
        ("conflict", HTTPStatus.CONFLICT, "conflict"),
        ("reused", HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused"),
        ("impossible", HTTPStatus.CONFLICT, "not_possible"),
        ("away", HTTPStatus.SERVICE_UNAVAILABLE, "away"),
        ("broken", HTTPStatus.INTERNAL_SERVER_ERROR, "broken"),
    ],
)
async def test_every_refusal_is_a_problem(
    result: str, status: HTTPStatus, kind: str, client: httpx.AsyncClient, signer: Signer
) -> None:
    answer = await client.post(WISHES, json={"result": result}, headers=headers(signer))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:siaga112:problem:{kind}"
    assert "0812" not in answer.text


async def test_a_lost_race_carries_the_newer_state(client: httpx.AsyncClient, signer: Signer) -> None:
    told = (await client.post(WISHES, json={"result": "conflict"}, headers=headers(signer))).json()
    assert (told["version"], told["current"]) == (8, {"is": "newer"})


async def test_an_impossible_change_names_what_is_possible(client: httpx.AsyncClient, signer: Signer) -> None:
    told = (await client.post(WISHES, json={"result": "impossible"}, headers=headers(signer))).json()
    assert told["allowed"] == ["reopen"]


async def test_a_repeat_is_marked_and_carries_the_version(client: httpx.AsyncClient, signer: Signer) -> None:
    answer = await client.post(WISHES, json={"result": "repeated"}, headers=headers(signer))
    assert (answer.headers["etag"], answer.headers["idempotent-replayed"]) == ('"7"', "true")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", HTTPStatus.BAD_REQUEST),
        (b'{"result": NaN}', HTTPStatus.BAD_REQUEST),
        (b'{"result": "saved", "result": "saved"}', HTTPStatus.BAD_REQUEST),
        (b'{"result": "\\ud800"}', HTTPStatus.BAD_REQUEST),
        (b"\xff", HTTPStatus.BAD_REQUEST),
        (b"[" * 60 + b"]" * 60, HTTPStatus.BAD_REQUEST),
        (b'{"result": "' + b"x" * 300_000 + b'"}', HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (b'{"other": 1}', HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
    ids=[
        "cut",
        "NaN",
        "repeated name",
        "lone surrogate",
        "not UTF-8",
        "too deep",
        "too large",
        "misses a field",
    ],
)
async def test_bad_bodies_are_refused_before_anything_happens(
    body: bytes, status: HTTPStatus, client: httpx.AsyncClient, signer: Signer
) -> None:
    given = {**headers(signer), "Content-Type": "application/json"}
    answer = await client.post(WISHES, content=body, headers=given)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "kind", ["Application/JSON", "application/json ; charset=utf-8", "application/vnd.siaga+json"]
)
async def test_a_body_is_strict_in_every_spelling_of_json(
    kind: str, client: httpx.AsyncClient, signer: Signer
) -> None:
    for body in (b'{"result": "saved", "result": "saved"}', b'{"result": NaN}', b'{"\\ud800": 1}'):
        given = {**headers(signer), "Content-Type": kind}
        answer = await client.post(WISHES, content=body, headers=given)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:siaga112:problem:unreadable")


async def test_an_invented_method_is_not_a_row_of_its_own_in_the_metrics(client: httpx.AsyncClient) -> None:
    answer = await client.request("BREW", WISHES)
    told = (await client.get("/metrics")).text
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert ("BREW" in told, 'method="other"' in told) == (False, True)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic c2l0aTpzZWNyZXQ="])
async def test_without_a_good_token_nobody_gets_in(header: str, client: httpx.AsyncClient) -> None:
    answer = await client.post(WISHES, json={"result": "saved"}, headers={"Authorization": header})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_expired_token_is_refused(client: httpx.AsyncClient, signer: Signer) -> None:
    who = Principal("siti", "Siti", Kind.PERSON, frozenset({TENANT}), frozenset({Role.CALL_TAKER}))
    old = signer.token(who, utc_now() - timedelta(hours=2), timedelta(minutes=5))
    given = {"Authorization": f"Bearer {old}", "Idempotency-Key": "k"}
    answer = await client.post(WISHES, json={"result": "saved"}, headers=given)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_a_token_of_another_tenant_or_without_the_role_is_forbidden(
    client: httpx.AsyncClient, signer: Signer
) -> None:
    for given in (headers(signer, tenant="53.04"), headers(signer, role=Role.AUDITOR)):
        answer = await client.post(WISHES, json={"result": "saved"}, headers=given)
        assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("key", ["", " ", "x" * 201])
async def test_a_command_without_a_key_is_refused(
    key: str, client: httpx.AsyncClient, signer: Signer
) -> None:
    given = {**headers(signer), "Idempotency-Key": key}
    answer = await client.post(WISHES, json={"result": "saved"}, headers=given)
    assert answer.json()["type"].endswith("idempotency_key_missing")


@pytest.mark.parametrize(("given", "seen"), [('"7"', 7), ('W/"7"', 7), ("7", 7), ("*", None)])
async def test_the_seen_version_is_read(
    given: str, seen: int | None, client: httpx.AsyncClient, signer: Signer
) -> None:
    answer = await client.post(
        WISHES, json={"result": "saved"}, headers={**headers(signer), "If-Match": given}
    )
    assert answer.json()["seen"] == seen


@pytest.mark.parametrize("given", ['"seven"', "-1", '"99999999999999999999"', "٣"])
async def test_an_unreadable_version_is_refused(
    given: str, client: httpx.AsyncClient, signer: Signer
) -> None:
    sent = {**headers(signer), "If-Match": given.encode()}
    answer = await client.post(WISHES, json={"result": "saved"}, headers=sent)  # type: ignore[arg-type]
    assert answer.status_code == HTTPStatus.BAD_REQUEST


async def test_an_unknown_door_and_a_wrong_method_are_problems_too(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/v1/nothing"), await client.get(WISHES)):
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_slash_too_many_is_an_unknown_door_and_leads_to_no_host_that_the_asker_named(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/healthz/", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:siaga112:problem:not_found")
    assert "location" not in answer.headers


async def test_head_is_answered_as_get_without_the_body(client: httpx.AsyncClient) -> None:
    got, headed = await client.get("/version"), await client.head("/version")
    assert (headed.status_code, headed.headers, headed.content) == (200, got.headers, b"")
    assert (await client.head("/v1/nothing")).status_code == HTTPStatus.NOT_FOUND
    assert (await client.head(WISHES)).status_code == HTTPStatus.METHOD_NOT_ALLOWED


async def test_health_tells_the_truth(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == HTTPStatus.OK
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["waiting_for"]) == (HTTPStatus.SERVICE_UNAVAILABLE, ["store"])
    assert (await client.get("/status")).json() == {"outbox": 3}
    told = (await client.get("/metrics")).text
    assert "siaga_http_seconds" in told
    assert 'siaga_status{part="",what="outbox"} 3.0' in told


def test_what_waits_no_more_is_shown_no_more() -> None:
    metrics.show_status({"spool": {"53.03": 2}})
    metrics.show_status({"spool": {}})
    assert 'what="spool"' not in generate_latest().decode()


def test_what_cannot_be_told_is_no_number_and_words_are_no_metric() -> None:
    metrics.show_status({"version": "1", "ready": True, "spool": {"53.03": 2}, "outbox": {"calls": None}})
    told = generate_latest().decode()
    assert 'siaga_status{part="",what="ready"} 1.0' in told
    assert 'siaga_status{part="53.03",what="spool"} 2.0' in told
    assert 'siaga_status{part="calls",what="outbox"} NaN' in told
    assert 'what="version"' not in told


@pytest.mark.parametrize(("result", "status"), [("away", "503"), ("broken", "500"), ("saved", "200")])
async def test_a_request_is_counted_whatever_became_of_it(
    client: httpx.AsyncClient, signer: Signer, result: str, status: str
) -> None:
    about = {"method": "POST", "route": "/v1/tenants/{tenant}/wishes", "status": status}

    def counted() -> float:
        return REGISTRY.get_sample_value("siaga_http_seconds_count", about) or 0

    before = counted()
    await client.post(WISHES, json={"result": result}, headers=headers(signer))
    assert counted() == before + 1

"""`siaga deadletter`: one record may wait at several services; people decide at each."""

import json
from typing import Any

import httpx
import pytest

from cli.tests.commands.fakes import System, Terminal, problem


def letter(name: str, status: str = "waiting") -> dict[str, Any]:
    return {
        "id": name,
        "tenant": "53.03",
        "topic": "call.received",
        "partition": 0,
        "offset": 7,
        "reason": "missing ce_id",
        "status": status,
        "buried_at": "2026-11-22T03:00:00Z",
        "decided_at": None,
        "decided_by": "",
    }


@pytest.fixture
def buried(system: System) -> System:
    for service in ("triage", "statistics"):
        system.behind("GET", service, "/v1/deadletters", {"items": [letter("l1")]})
        system.behind("GET", service, "/v1/deadletters/l1", letter("l1"))
        system.behind("POST", service, "/v1/deadletters/l1/discard", letter("l1", "discarded"))
        system.behind("POST", service, "/v1/deadletters/l1/redrive", letter("l1", "redriven"))
    return system


def test_letters_of_all_services_are_listed_by_the_administrator(buried: System, siaga: Terminal) -> None:
    said = siaga("deadletter", "list").stdout
    assert said.count("missing ce_id") == 2
    signed_in = json.loads(buried.requests("POST", "directory")[0].content)
    assert signed_in == {"account": "admin", "password": "password of accounts/admin"}


def test_json_names_the_service(buried: System, siaga: Terminal) -> None:
    read = json.loads(siaga("deadletter", "list", "--service", "triage", "--json").stdout)
    assert [(one["service"], one["id"]) for one in read["items"]] == [("triage", "l1")]
    assert buried.requests("GET", "statistics") == []


def test_no_letters_are_good_news(system: System, siaga: Terminal) -> None:
    system.behind("GET", "triage", "/v1/deadletters", {"items": []})
    assert siaga("deadletter", "list", "--service", "triage").stdout == "Tidak ada surat mati.\n"


def test_a_service_that_cannot_be_asked_is_named(buried: System, siaga: Terminal) -> None:
    buried.away.add("dispatch")
    said = siaga("deadletter", "list")
    assert (said.exit_code, said.stderr) == (1, "Tidak ditanya karena tidak dapat dihubungi: dispatch\n")
    assert "l1" in said.stdout


def test_a_letter_is_shown_with_its_origin(buried: System, siaga: Terminal) -> None:
    said = siaga("deadletter", "show", "l1", "--service", "triage").stdout
    assert "call.received/0/7" in said
    assert "missing ce_id" in said
    assert buried.asked


@pytest.mark.parametrize(("deed", "word"), [("discard", "dibuang"), ("redrive", "diolah kembali")])
def test_a_decision_is_made_at_every_service_that_keeps_it(
    buried: System, siaga: Terminal, deed: str, word: str
) -> None:
    said = siaga("deadletter", deed, "l1")
    assert said.stdout == f"l1 (statistics): {word}\nl1 (triage): {word}\n"
    (sent,) = buried.requests("POST", "triage")
    assert sent.headers["Idempotency-Key"]


def test_what_fails_again_is_told_and_does_not_stop_the_others(buried: System, siaga: Terminal) -> None:
    again = problem(409, "failed_again", "It failed again and goes on waiting: missing ce_id.")
    buried.behind("POST", "statistics", "/v1/deadletters/l1/redrive", again)
    said = siaga("deadletter", "redrive", "l1")
    assert said.exit_code == 2
    assert said.stderr == "l1 (statistics): Gagal lagi dan tetap menunggu: missing ce_id.\n"
    assert said.stdout == "l1 (triage): diolah kembali\n"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("show", "l9"), "Tidak ada surat mati l9."),
        (("discard", "a/../b"), "“a/../b” bukan nama atau nomor yang ada di sini."),
        (
            ("list", "--service", "x"),
            "Tidak ada layanan x. Yang ada: agency-notifier, directory, dispatch, intake, statistics, triage.",
        ),
    ],
)
def test_bad_input_is_one_sentence(
    buried: System, siaga: Terminal, typed: tuple[str, ...], sentence: str
) -> None:
    said = siaga("deadletter", *typed)
    assert (said.exit_code, said.stderr) == (2, f"{sentence}\n")
    assert all(one.method == "GET" for one in buried.asked if one.url.host != "directory")


def test_who_may_not_is_told_so(buried: System, siaga: Terminal) -> None:
    buried.behind(
        "GET",
        "triage",
        "/v1/deadletters",
        httpx.Response(403, json={"type": "urn:siaga112:problem:forbidden"}),
    )
    assert siaga("deadletter", "list").stderr == "Akun ini tidak berwenang melakukan itu di sini.\n"

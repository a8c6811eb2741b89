"""The services' doors: signing in, patience, and what cannot be done in one sentence."""

import json
from pathlib import Path

import httpx
import pytest

from cli.tests.commands.fakes import NOW, System, Terminal, problem
from siaga_cli.client import Away, BadInput, NotUnderstood, Refused, Services, segment
from siaga_cli.client.refusals import sentence_of
from siaga_cli.client.services import open_services

THING = "/v1/things/1"


def test_one_sign_in_serves_many_questions(system: System, folder: Path) -> None:
    system.behind("GET", "triage", THING, {"a": 1})
    with open_services(system.world()) as services:
        assert [services.get("triage", THING) for _ in range(3)] == [{"a": 1}] * 3
    assert len(system.requests("POST", "directory")) == 1
    assert system.requests("GET", "triage")[0].headers["Authorization"] == "Bearer t"
    assert folder.is_dir()


@pytest.mark.usefixtures("folder")
def test_a_token_is_replaced_before_it_ends(system: System) -> None:
    system.behind("GET", "triage", THING, {})
    with open_services(system.world()) as services:
        services.get("triage", THING)
        system.wait(545)
        services.get("triage", THING)
    assert len(system.requests("POST", "directory")) == 2


@pytest.mark.usefixtures("folder")
def test_a_token_that_is_no_longer_good_is_replaced_once(system: System) -> None:
    answers = iter([problem(401, "unauthenticated"), httpx.Response(200, json={"a": 1})])
    system.behind("GET", "triage", THING, lambda _: next(answers))
    with open_services(system.world()) as services:
        assert services.get("triage", THING) == {"a": 1}
    system.behind("GET", "triage", THING, problem(401, "unauthenticated"))
    with open_services(system.world()) as services, pytest.raises(Refused, match="tanda masuk"):
        services.get("triage", THING)


@pytest.mark.usefixtures("folder")
def test_a_restart_is_waited_for_and_an_absence_is_not(system: System) -> None:
    answers = iter([problem(503, "away"), httpx.Response(200, json={"a": 1})])
    system.behind("GET", "triage", THING, lambda _: next(answers))
    with open_services(system.world()) as services:
        assert services.get("triage", THING) == {"a": 1}
        system.away.add("triage")
        with pytest.raises(Away, match="triage tidak dapat dihubungi di http://triage"):
            services.get("triage", THING)
    assert (system.now - NOW).total_seconds() < 5


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"\xff\xfe", b'"x"'])
def test_an_answer_of_another_kind_is_not_understood(system: System, body: bytes) -> None:
    system.behind("GET", "triage", THING, httpx.Response(200, content=body))
    with open_services(system.world()) as services, pytest.raises(NotUnderstood, match="triage"):
        services.get("triage", THING)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("token", [{}, {"access_token": "t"}, {"access_token": "t", "expires_in": "soon"}])
def test_a_sign_in_that_cannot_be_read_is_not_understood(system: System, token: dict[str, str]) -> None:
    system.behind("POST", "directory", "/v1/tokens", token)
    with open_services(system.world()) as services, pytest.raises(NotUnderstood, match="directory"):
        services.get("triage", THING)


def test_account_and_password_file_can_be_given(
    system: System, folder: Path, monkeypatch: pytest.MonkeyPatch, siaga: Terminal
) -> None:
    secret = folder / "mine"
    secret.write_text("my password\n")
    secret.chmod(0o600)
    monkeypatch.setenv("SIAGA_ACCOUNT", "pengawas-ttu")
    monkeypatch.setenv("SIAGA_PASSWORD_FILE", str(secret))
    siaga("tickets")
    signed_in = json.loads(system.requests("POST", "directory")[0].content)
    assert signed_in == {"account": "pengawas-ttu", "password": "my password"}


def test_a_password_that_others_can_read_is_refused_and_never_printed(
    system: System, folder: Path, siaga: Terminal
) -> None:
    secret = folder / "secrets" / "cli"
    secret.chmod(0o644)
    said = siaga("tickets")
    assert (said.exit_code, said.stderr) == (
        2,
        f"Berkas sandi {secret} tidak dapat dipakai; harus ada, dengan mode 0600.\n",
    )
    assert system.asked == []


def test_a_wrong_password_is_said(system: System, siaga: Terminal) -> None:
    system.behind("POST", "directory", "/v1/tokens", problem(401, "not_known"))
    said = siaga("tickets")
    assert said.exit_code == 2
    assert said.stderr.startswith("Akun dan sandi tidak cocok")


def test_services_elsewhere_are_found_by_their_file(
    system: System, folder: Path, monkeypatch: pytest.MonkeyPatch, siaga: Terminal
) -> None:
    (folder / "services.json").rename(folder / "elsewhere.json")
    assert siaga("tickets").exit_code == 1
    monkeypatch.setenv("SIAGA_SERVICES", str(folder / "elsewhere.json"))
    system.behind("GET", "triage", "/v1/tenants/53.03/tickets", {"items": []})
    assert siaga("tickets", "--tenant", "53.03").exit_code == 0


@pytest.mark.parametrize("content", ["", "[]", "{", '"x"'])
def test_a_broken_services_file_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, siaga: Terminal, content: str
) -> None:
    (folder / "services.json").write_text(content)
    said = siaga("tickets")
    assert (said.exit_code, said.stderr) == (
        1,
        f"Siaga tidak berjalan di sini ({folder}); jalankan: make run\n",
    )
    monkeypatch.setenv("SIAGA_SERVICES", str(folder / "services.json"))
    assert siaga("tickets").exit_code == 2


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "a b", "a?b", "é", "x" * 101, "a\n"])
def test_a_name_that_is_none_never_becomes_part_of_a_path(name: str) -> None:
    with pytest.raises(BadInput):
        segment(name)


@pytest.mark.parametrize(
    ("kind", "members", "sentence"),
    [
        (
            "not_possible",
            {"reason": "already_final", "allowed": ["offers"]},
            "already final. Yang dapat: offers.",
        ),
        (
            "not_in_catalogue",
            {"field": "district", "allowed": []},
            "tidak memiliki district itu. Yang ada: -.",
        ),
        ("invalid", {"errors": [{"field": "body.number"}, {"field": "body.story"}]}, "number, story."),
        ("invalid", {"errors": ["?"]}, "Isian ini tidak sesuai: ?."),
        ("never_heard_of", {"detail": "Something\nnew."}, "Layanan menolak (409): Something new."),
    ],
)
def test_a_problem_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, kind: str, members: dict[str, object], sentence: str
) -> None:
    monkeypatch.setenv("SIAGA_LANG", "id")
    said = sentence_of(409, {"type": f"urn:siaga112:problem:{kind}", **members})
    assert said.endswith(sentence)
    assert "\n" not in said


def test_a_system_without_a_service_says_so(system: System) -> None:
    with pytest.raises(Away, match="make run"):
        Services({}, system.world()).url("triage")

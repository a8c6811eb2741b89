"""`siaga account`: a regency's one administrator makes, changes and closes accounts; no password is ever shown."""

import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.tests.commands.fakes import System, Terminal, problem
from directory.domain.account import AccountRefused, refuse_weak_password
from siaga_cli.client.refusals import sentence_of

PATH = "/v1/accounts"
ADD = ("account", "add", "meja-4", "--name", "Meja 4", "--tenant", "53.03")


def account(account_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": account_id,
        "version": 3,
        "name": "Meja 4",
        "kind": "person",
        "tenants": ["53.03"],
        "roles": ["call_taker"],
        "agency": None,
        "disabled": False,
        **more,
    }


@pytest.fixture
def directory(system: System) -> System:
    """A directory that takes every account and has `meja-4`, `admin` and `cli`."""

    def listed(asked: httpx.Request) -> httpx.Response:
        found = [] if "after" in asked.url.params else [account("admin"), account("meja-4", disabled=True)]
        return httpx.Response(200, json={"items": found})

    def taken(asked: httpx.Request) -> httpx.Response:
        told = json.loads(asked.content)
        return httpx.Response(200, json=account(told.get("id", "meja-4"), **told))

    system.behind("GET", "directory", PATH, listed)
    system.behind("POST", "directory", PATH, taken)
    for one in ("meja-4", "admin", "cli"):
        system.behind("GET", "directory", f"{PATH}/{one}", account(one))
        system.behind("PUT", "directory", f"{PATH}/{one}", taken)
        system.behind("PUT", "directory", f"{PATH}/{one}/password", account(one))
    return system


def sent(system: System, method: str) -> dict[str, Any]:
    """Return what was last sent to the directory's accounts."""
    last = [one for one in system.requests(method, "directory") if one.url.path.startswith(PATH)][-1]
    told: dict[str, Any] = json.loads(last.content)
    return told


def secret(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(f"{content}\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(("language", "state"), [("id", "nonaktif"), ("en", "disabled")])
def test_accounts_are_listed(directory: System, siaga: Terminal, language: str, state: str) -> None:
    said = siaga("account", "list", language=language)
    (row,) = [line for line in said.stdout.splitlines() if line.startswith("meja-4")]
    assert row.split()[-1] == state
    read = json.loads(siaga("account", "list", "--json").stdout)
    assert [one["id"] for one in read["items"]] == ["admin", "meja-4"]
    assert directory.asked


def test_who_administers_one_regency_lists_theirs(directory: System, siaga: Terminal) -> None:
    def only_theirs(asked: httpx.Request) -> httpx.Response:
        if asked.url.params.get("tenant") is None:
            return problem(403, "forbidden")
        found = [] if "after" in asked.url.params else [account("meja-4")]
        return httpx.Response(200, json={"items": found})

    directory.behind("GET", "directory", PATH, only_theirs)
    read = json.loads(siaga("account", "list", "--json").stdout)
    assert [one["id"] for one in read["items"]] == ["meja-4"]


def test_a_new_account_s_password_is_made_and_lies_in_a_file_of_one_s_own(
    directory: System, siaga: Terminal, folder: Path
) -> None:
    said = siaga(*ADD, "--role", "call_taker", "--role", "supervisor")
    file = folder / "passwords" / "meja-4"
    password = file.read_text().strip()
    assert said.exit_code == 0
    assert str(file) in said.stdout
    assert password not in said.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sent(directory, "POST") == {
        "id": "meja-4",
        "name": "Meja 4",
        "kind": "person",
        "tenants": ["53.03"],
        "roles": ["call_taker", "supervisor"],
        "agency": None,
        "password": password,
    }
    refuse_weak_password("meja-4", password)


def test_a_password_can_come_from_a_file(directory: System, siaga: Terminal, folder: Path) -> None:
    given = secret(folder, "given", "kalimat yang panjang")
    said = siaga(*ADD, "--role", "call_taker", "--password-file", str(given), language="en")
    assert "Account meja-4 is made." in said.stdout
    assert sent(directory, "POST")["password"] == "kalimat yang panjang"
    assert not (folder / "passwords").exists()


def test_a_password_can_be_asked_for_at_the_terminal(
    directory: System, siaga: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["kalimat yang panjang", "kalimat yang panjang", "satu kalimat", "lain kalimat"])
    monkeypatch.setattr("siaga_cli.client.passwords.getpass", lambda _: next(answers))
    monkeypatch.setattr("siaga_cli.client.passwords.is_terminal", lambda: True)
    assert siaga("account", "password", "meja-4", "--ask").exit_code == 0
    assert sent(directory, "PUT") == {"password": "kalimat yang panjang"}
    assert siaga("account", "password", "meja-4", "--ask").stderr == (
        "Kedua sandi berbeda; tidak ada yang diubah.\n"
    )


@pytest.mark.parametrize(
    ("options", "kind", "roles"),
    [
        (("--agency", "damkar"), "agency", ["agency"]),
        (("--role", "bridge"), "bridge", ["bridge"]),
        (("--role", "call_taker", "--robot"), "robot", ["call_taker"]),
    ],
)
def test_what_kind_an_account_is_follows_from_what_it_may_do(
    directory: System, siaga: Terminal, options: tuple[str, ...], kind: str, roles: list[str]
) -> None:
    assert siaga(*ADD, *options).exit_code == 0
    told = sent(directory, "POST")
    assert (told["kind"], told["roles"]) == (kind, roles)


def test_what_is_not_named_stays_and_a_newer_version_is_not_overwritten(
    directory: System, siaga: Terminal
) -> None:
    assert siaga("account", "set", "meja-4", "--role", "supervisor").exit_code == 0
    (put,) = directory.requests("PUT", "directory")
    assert put.headers["If-Match"] == '"3"'
    assert sent(directory, "PUT") == {
        "name": "Meja 4",
        "kind": "person",
        "tenants": ["53.03"],
        "roles": ["supervisor"],
        "agency": None,
        "disabled": False,
    }


@pytest.mark.parametrize(
    ("deed", "disabled", "sentence"),
    [
        ("disable", True, "Akun meja-4 dinonaktifkan; yang sedang masuk keluar dalam sepuluh menit.\n"),
        ("enable", False, "Akun meja-4 dapat masuk.\n"),
    ],
)
def test_an_account_is_closed_and_opened_again(
    directory: System, siaga: Terminal, deed: str, disabled: bool, sentence: str
) -> None:
    assert siaga("account", deed, "meja-4").stdout == sentence
    assert sent(directory, "PUT")["disabled"] is disabled


@pytest.mark.parametrize(("account_id", "name"), [("cli", "cli"), ("admin", "accounts/admin")])
def test_this_machine_s_own_password_is_changed_where_it_signs_in_from(
    directory: System, siaga: Terminal, folder: Path, account_id: str, name: str
) -> None:
    file = folder / "secrets" / name
    said = siaga("account", "password", account_id)
    password = file.read_text().strip()
    assert sent(directory, "PUT") == {"password": password}
    assert f"Mulai sekarang mesin ini masuk dengan sandi itu: {file}\n" in said.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not (folder / "passwords").exists()
    siaga("tickets" if account_id == "cli" else "account", *([] if account_id == "cli" else ["list"]))
    assert json.loads(directory.requests("POST", "directory")[-1].content)["password"] == password


def test_one_s_own_password_file_follows(
    directory: System, siaga: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = secret(folder, "own", "kalimat yang lama")
    monkeypatch.setenv("SIAGA_ACCOUNT", "meja-4")
    monkeypatch.setenv("SIAGA_PASSWORD_FILE", str(own))
    assert siaga("account", "password", "meja-4").exit_code == 0
    assert sent(directory, "PUT") == {"password": own.read_text().strip()}


def test_a_refused_password_leaves_the_old_one_in_force(
    directory: System, siaga: Terminal, folder: Path
) -> None:
    detail = "A password has at least 12 characters; a sentence is good."
    directory.behind(
        "PUT", "directory", f"{PATH}/admin/password", problem(422, "account_refused", detail=detail)
    )
    given = secret(folder, "given", "pendek")
    said = siaga("account", "password", "admin", "--password-file", str(given))
    assert (said.exit_code, said.stderr) == (2, "Sandi sedikitnya 12 huruf; satu kalimat itu baik.\n")
    kept = folder / "secrets" / "accounts"
    assert [one.name for one in kept.iterdir()] == ["admin"]
    assert (kept / "admin").read_text() == "password of accounts/admin\n"


def test_where_it_is_not_known_which_password_counts_both_are_kept(
    directory: System, siaga: Terminal, folder: Path
) -> None:
    def gone(asked: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("gone", request=asked)

    directory.behind("PUT", "directory", f"{PATH}/admin/password", gone)
    said = siaga("account", "password", "admin")
    draft = folder / "secrets" / "accounts" / "admin.new"
    assert said.exit_code == 1
    assert f"Belum diketahui apakah sandi baru berlaku; sandi itu ada di {draft}.\n" in said.stderr
    assert draft.read_text().strip()
    assert draft.with_name("admin").read_text() == "password of accounts/admin\n"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ((*ADD,), "Sebutkan wewenang akun: --role, atau --agency untuk akun instansi."),
        (
            (*ADD, "--role", "agency"),
            "Akun instansi menyebut --agency dan satu --tenant, dan tidak punya peran lain.",
        ),
        (
            (*ADD, "--role", "supervisor", "--agency", "damkar"),
            "Akun instansi menyebut --agency dan satu --tenant, dan tidak punya peran lain.",
        ),
        (
            (*ADD, "--tenant", "94.71", "--agency", "damkar"),
            "Akun instansi menyebut --agency dan satu --tenant, dan tidak punya peran lain.",
        ),
        ((*ADD, "--agency", "dumkar"), "--agency harus salah satu dari: damkar."),
        (
            (*ADD, "--tenant", "53.30", "--role", "auditor"),
            "Tidak ada kabupaten/kota 53.30 di sini; lihat: siaga tenant list",
        ),
        (
            (*ADD, "--role", "auditor", "--ask", "--password-file", "x"),
            "Pilih --password-file atau --ask, jangan keduanya.",
        ),
        (
            (*ADD, "--role", "auditor", "--ask"),
            "--ask memerlukan terminal untuk bertanya; program memakai --password-file.",
        ),
        (("account", "set", "meja-4"), "Sebutkan yang diubah: --name, --tenant, --role, atau --agency."),
        (("account", "disable", "meja-9"), "Tidak ada akun meja-9 di sini; lihat: siaga account list"),
        (("account", "password", "meja-9"), "Tidak ada akun meja-9 di sini; lihat: siaga account list"),
        (("account", "password", "../x"), "“../x” bukan nama atau nomor yang ada di sini."),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_no_password_behind(
    directory: System, siaga: Terminal, folder: Path, typed: tuple[str, ...], sentence: str
) -> None:
    said = siaga(*typed)
    assert (said.exit_code, said.stderr, said.stdout) == (2, f"{sentence}\n", "")
    assert not list((folder / "passwords").glob("*"))
    assert directory.replies


@pytest.mark.parametrize(
    ("method", "path", "reason", "typed", "sentence"),
    [
        (
            "POST",
            PATH,
            "id_taken",
            (*ADD, "--role", "auditor"),
            "There is an account meja-4 already; an id is given once.",
        ),
        (
            "PUT",
            f"{PATH}/admin",
            "own_account",
            ("account", "disable", "admin"),
            "Nobody disables their own account; another administrator can.",
        ),
    ],
)
def test_the_directory_s_no_is_said_in_the_person_s_language(
    directory: System,
    siaga: Terminal,
    method: str,
    path: str,
    reason: str,
    typed: tuple[str, ...],
    sentence: str,
) -> None:
    directory.behind(method, "directory", path, problem(409, "not_possible", reason=reason))
    said = siaga(*typed, language="en")
    assert (said.exit_code, said.stderr) == (2, f"{sentence}\n")


@pytest.mark.parametrize("password", ["short", "x" * 2000, "meja-4 meja-4 meja-4", "aaaaaaaaaaaaaaaaaaa"])
def test_our_words_for_a_weak_password_are_the_directory_s(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    with pytest.raises(AccountRefused) as refused:
        refuse_weak_password("meja-4", password)
    detail = f"{str(refused.value)[:1].upper()}{str(refused.value)[1:]}."
    told = {"type": "urn:siaga112:problem:account_refused", "status": 422, "detail": detail}
    monkeypatch.setenv("SIAGA_LANG", "en")
    assert sentence_of(422, told) == detail
    monkeypatch.setenv("SIAGA_LANG", "id")
    assert detail not in sentence_of(422, told)


@pytest.mark.parametrize("command", [(), ("list",), ("add",), ("set",), ("disable",), ("password",)])
def test_help_is_there_in_both_languages(siaga: Terminal, command: tuple[str, ...]) -> None:
    assert siaga("account", *command, "--help").stdout.startswith("Pemakaian: siaga account")
    assert siaga("account", *command, "--help", language="en").stdout.startswith("Usage: siaga account")

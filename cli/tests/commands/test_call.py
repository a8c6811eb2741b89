"""`siaga call`: one's own report, taken for good and seen on the desk."""

import json

import httpx
import pytest

from cli.tests.commands.fakes import System, Terminal, problem

TAKEN = {"call_id": "c1"}
TYPED = ("call", "--tenant", "53.03", "--from", "0812 0000-0042", "--story", " rumah terbakar ")


@pytest.fixture
def open_door(system: System) -> System:
    system.behind("POST", "intake", "/v1/tenants/53.03/calls", httpx.Response(202, json=TAKEN))
    system.behind("GET", "triage", "/v1/tenants/53.03/calls/c1", {"call_id": "c1", "view": "unclassified"})
    return system


def test_a_report_is_sent_once_with_a_key_and_told(open_door: System, siaga: Terminal) -> None:
    said = siaga(*TYPED, "--name", "Ibu Contoh", "--channel", "walk_in")
    assert said.exit_code == 0
    assert said.stdout.splitlines()[0] == "Diterima dan tersimpan aman: panggilan c1."
    (sent,) = open_door.requests("POST", "intake")
    assert sent.headers["Idempotency-Key"] == "key-0"
    assert json.loads(sent.content) == {
        "number": "081200000042",
        "story": "rumah terbakar",
        "channel": "walk_in",
        "name": "Ibu Contoh",
    }


def test_it_is_told_in_english_too(open_door: System, siaga: Terminal) -> None:
    said = siaga(*TYPED, language="en").stdout
    assert said.startswith("Taken for good: call c1.\nIt lies on the desk now (not yet classified)")
    assert open_door.asked


def test_it_waits_until_the_desk_lists_the_call(open_door: System, siaga: Terminal) -> None:
    seen = iter(
        [problem(404, "unknown"), problem(404, "unknown"), httpx.Response(200, json={"view": "waiting"})]
    )
    open_door.behind("GET", "triage", "/v1/tenants/53.03/calls/c1", lambda _: next(seen))
    assert json.loads(siaga(*TYPED, "--json").stdout)["on_desk"] is True


def test_it_does_not_wait_for_ever(open_door: System, siaga: Terminal) -> None:
    open_door.behind("GET", "triage", "/v1/tenants/53.03/calls/c1", problem(404, "unknown"))
    said = siaga(*TYPED)
    assert said.exit_code == 0
    assert "Setelah 10 dtk belum tampil" in said.stdout


def test_a_repeat_after_a_break_carries_the_same_key(open_door: System, siaga: Terminal) -> None:
    answers = iter([problem(503, "away"), httpx.Response(202, json=TAKEN)])
    open_door.behind("POST", "intake", "/v1/tenants/53.03/calls", lambda _: next(answers))
    assert siaga(*TYPED).exit_code == 0
    assert [one.headers["Idempotency-Key"] for one in open_door.requests("POST", "intake")] == ["key-0"] * 2


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--from", "tetangga", "--from harus nomor telepon, misalnya 081200000042."),
        ("--story", "  ", "--story harus berisi 1 sampai 4000 huruf."),
        ("--story", "x" * 4_001, "--story harus berisi 1 sampai 4000 huruf."),
        ("--name", " ", "--name harus berisi 1 sampai 200 huruf."),
        ("--tenant", "5303", "“5303” bukan kode kabupaten/kota; tulis seperti 53.03."),
        ("--tenant", "99.99", "Tidak ada kabupaten/kota 99.99 di sini; lihat: siaga tenant list"),
        ("--story", "\udcff", "Yang diketik bukan teks yang sah (UTF-8)."),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_sent(
    open_door: System, siaga: Terminal, option: str, value: str, sentence: str
) -> None:
    said = siaga(*TYPED, option, value)
    assert (said.exit_code, said.stderr, said.stdout) == (2, f"{sentence}\n", "")
    assert open_door.requests("POST", "intake") == []


def test_an_unknown_channel_names_those_there_are(siaga: Terminal) -> None:
    said = siaga(*TYPED, "--channel", "pigeon")
    assert said.exit_code == 2
    assert said.stderr.startswith("--channel harus salah satu dari: phone, sms, whatsapp, app, radio")

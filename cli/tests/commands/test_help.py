"""Help and refusals of arguments speak one language, and no argument ever brings a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.tests.commands.fakes import System, Terminal

COMMANDS = (
    (),
    ("call",),
    ("calls",),
    ("config",),
    ("deadletter",),
    ("deadletter", "list"),
    ("deadletter", "redrive"),
    ("rebuild",),
    ("rebuild", "statistics"),
    ("recap",),
    ("run",),
    ("status",),
    ("tenant",),
    ("tenant", "apply"),
    ("ticket",),
    ("tickets",),
)
ENGLISH = ("Usage:", "Options:", "Commands:", "Arguments:", "Show this message", "[required]", "[OPTIONS]")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_indonesian(siaga: Terminal, command: tuple[str, ...]) -> None:
    said = siaga(*command, "--help")
    assert said.exit_code == 0
    assert said.stdout.startswith("Pemakaian: siaga")
    assert [one for one in ENGLISH if one in said.stdout] == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_english_on_demand(siaga: Terminal, command: tuple[str, ...]) -> None:
    said = siaga(*command, "--help", language="en")
    assert said.exit_code == 0
    assert said.stdout.startswith("Usage: siaga")
    assert "Show this message and exit." in said.stdout


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("tiket",), "Tidak ada perintah tiket; maksud Anda ticket, tickets? Lihat: siaga --help"),
        (("zzz",), "Tidak ada perintah zzz. Lihat: siaga --help"),
        (("call",), "--tenant belum diisi. Lihat: siaga call --help"),
        (("ticket",), "NOMOR belum diisi. Lihat: siaga ticket --help"),
        (
            ("calls", "--tenan", "x"),
            "Tidak ada pilihan --tenan; maksud Anda --tenant? Lihat: siaga calls --help",
        ),
        (("calls", "--zzz"), "Tidak ada pilihan --zzz. Lihat: siaga calls --help"),
        (("calls", "--tenant"), "--tenant perlu nilai."),
        (
            ("calls", "--limit", "x"),
            "--limit tidak dapat dipakai seperti yang ditulis. Lihat: siaga calls --help",
        ),
        (
            ("calls", "--limit", "0"),
            "--limit tidak dapat dipakai seperti yang ditulis. Lihat: siaga calls --help",
        ),
        (("tickets", "x"), "Ada kelebihan isian: x. Lihat: siaga tickets --help"),
    ],
)
def test_wrong_arguments_are_one_sentence(siaga: Terminal, typed: tuple[str, ...], sentence: str) -> None:
    said = siaga(*typed)
    assert (said.exit_code, said.stderr, said.stdout) == (2, f"{sentence}\n", "")


def test_wrong_arguments_are_one_sentence_in_english(siaga: Terminal) -> None:
    said = siaga("tickets", "--status", "lost", language="en")
    assert said.exit_code == 2
    assert said.stderr == (
        "--status must be one of: open, escalated, closed, all. See: siaga tickets --help\n"
    )


TYPED = st.text(max_size=20)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_that_is_typed_brings_a_traceback(
    data: st.DataObject, siaga: Terminal, system: System, tmp_path: Path
) -> None:
    options = ("--tenant", "--from", "--story", "--json", "--month", "--limit", "--service", "--personal")
    command = data.draw(st.sampled_from([one for one in COMMANDS if one not in {(), ("run",)}]))
    word = TYPED | st.sampled_from(options) | st.just(str(tmp_path))
    said = siaga(*command, *data.draw(st.lists(word, max_size=5)))
    assert said.exit_code in {0, 1, 2}
    assert said.exit_code == 0 or said.output.strip() or said.stderr.strip()
    assert system.replies


@pytest.mark.parametrize("command", [("tickets",), ("status",), ("recap", "53.03"), ("deadletter", "list")])
def test_even_a_fault_of_our_own_is_one_sentence_and_its_story_is_kept(
    siaga: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    number = "0812-0000-0042"

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(number)

    monkeypatch.setattr("siaga_cli.commands.doorway.open_services", broken)
    said = siaga(*command)
    log = folder / "logs" / "siaga-cli.log"
    assert said.exit_code == 1
    assert said.stderr == f"Ada yang rusak di program ini (ZeroDivisionError); rinciannya di {log}.\n"
    assert "ZeroDivisionError" in log.read_text()
    assert number not in log.read_text()

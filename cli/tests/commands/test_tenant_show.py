"""`siaga tenant show`: what is in force, as a file that can be applied again."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.tests.commands.fakes import System, Terminal
from shared_schemas.tenant_files import as_plain, read_tenant_file
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.home import checkout

PLACE = "/v1/tenants/53.03"
ADDRESSES = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:1", "SIAGA_DEMO_MAIL_DOMAIN": "demo.example"}


def kept(version: int, **changed: Any) -> dict[str, Any]:
    """Return a version as the directory tells it."""
    read = read_tenant_file(checkout() / "tenants" / "53.03.yaml", ADDRESSES)
    assert isinstance(read, TenantConfiguration)
    configuration = {**as_plain(read), **changed}
    return {
        "tenant": "53.03",
        "name": configuration["name"],
        "abbreviation": "TTU",
        "version": version,
        "applied_at": "2026-11-22T02:00:00Z",
        "applied_by": "admin",
        "configuration": configuration,
    }


@pytest.fixture
def directory(system: System) -> System:
    system.behind("GET", "directory", PLACE, kept(2, name="1e5"))
    system.behind("GET", "directory", f"{PLACE}/history/1", kept(1))
    return system


@pytest.mark.parametrize("asked", [(), ("--version", "1")])
def test_what_is_shown_can_be_checked_and_applied_again_unchanged(
    directory: System, siaga: Terminal, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    file = tmp_path / "53.03.yaml"
    file.write_text(siaga("tenant", "show", "53.03", *asked).stdout)
    assert siaga("tenant", "validate", str(file)).exit_code == 0
    directory.behind("PUT", "directory", PLACE, {"tenant": "53.03", "version": 3, "changes": []})
    assert siaga("tenant", "apply", str(file)).exit_code == 0
    (sent,) = directory.requests("PUT", "directory")
    expected = kept(1) if asked else kept(2, name="1e5")
    assert json.loads(sent.content) == expected["configuration"]


@pytest.mark.parametrize(
    ("language", "first"),
    [
        (
            "id",
            "# 1e5, versi 2, berlaku sejak 2026-11-22 10:00:00 WITA oleh admin; simpan sebagai 53.03.yaml",
        ),
        (
            "en",
            "# 1e5, version 2, in force from 2026-11-22 10:00:00 WITA by admin; save as 53.03.yaml",
        ),
    ],
)
def test_it_begins_with_which_version_it_is(
    directory: System, siaga: Terminal, language: str, first: str
) -> None:
    assert siaga("tenant", "show", "53.03", language=language).stdout.splitlines()[0] == first
    assert directory.asked


def test_programs_get_what_the_directory_tells(directory: System, siaga: Terminal) -> None:
    assert json.loads(siaga("tenant", "show", "53.03", "--version", "1", "--json").stdout) == kept(1)
    assert directory.asked


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            ("53.03", "--version", "9"),
            "Tidak ada versi 9 untuk 53.03; lihat: siaga tenant history 53.03",
        ),
        (("99.99",), "Tidak ada kabupaten/kota 99.99 di sini; lihat: siaga tenant list"),
        (("TTU",), "“TTU” bukan kode kabupaten/kota; tulis seperti 53.03."),
    ],
)
def test_what_is_not_there_is_one_sentence(
    directory: System, siaga: Terminal, typed: tuple[str, ...], sentence: str
) -> None:
    said = siaga("tenant", "show", *typed)
    assert (said.exit_code, said.stderr, said.stdout) == (2, f"{sentence}\n", "")
    assert directory.replies


def test_the_list_tells_each_regency_s_own_time(system: System, siaga: Terminal) -> None:
    said = siaga("tenant", "list").stdout
    assert "2026-11-01 08:00:00 WITA" in said
    assert "2026-11-01 09:00:00 WIT" in said
    assert "UTC" not in said
    assert system.asked

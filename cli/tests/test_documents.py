"""What `make docs` writes is what is committed, and it says what readers need."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared_schemas.places import this_checkout
from shared_schemas.schemas import is_current
from siaga_cli import document_pages, documents

PLACES = this_checkout()


@pytest.fixture(scope="module")
def files() -> dict[Path, str]:
    return documents.document_files(PLACES)


def test_docs_are_current(files: dict[Path, str]) -> None:
    stale = [PLACES.name_of(path) for path, content in files.items() if not is_current(path, content)]
    assert stale == [], "run `make docs`"


def test_no_page_is_left_of_a_service_that_is_gone(files: dict[Path, str]) -> None:
    assert set((PLACES.root / "docs" / "api").iterdir()) == {
        path for path in files if path.parent.name == "api"
    }


def test_this_terminals_settings_change_nothing(
    files: dict[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIAGA_PORT", "not a port")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "elsewhere:9092")
    assert documents.document_files(PLACES) == files


def test_every_service_and_every_command_door_is_told() -> None:
    triage = documents.describe(PLACES.root / "services" / "triage")
    page = document_pages.doors_page([triage])
    assert "| `POST /v1/tenants/{tenant}/tickets` | `open_ticket` |" in page
    assert "/healthz`" not in page.split("## triage")[1]


def test_a_setting_that_must_be_given_says_so() -> None:
    page = document_pages.settings_page([documents.describe(PLACES.root / "services" / "agency-notifier")])
    assert "| `KAFKA_BOOTSTRAP` | must be given |" in page
    assert "| `SIAGA_SMTP_PORT` | `587` |" in page


def test_a_right_that_is_never_given_is_told_as_such() -> None:
    (header,) = [line for line in document_pages.rights_page().splitlines() if line.startswith("| right |")]
    (row,) = [line for line in document_pages.rights_page().splitlines() if "`open_personal_data`" in line]
    by_role = dict(zip(header.split(" | "), row.split(" | "), strict=True))
    assert by_role["province_operator"] == "**never**"
    assert by_role["call_taker"] == "own"


def test_a_checkout_without_services_has_pages_about_events_only(tmp_path: Path) -> None:
    written = documents.document_files(replace(PLACES, root=tmp_path))
    assert {path.name for path in written} == {"asyncapi.yaml", "README.md", "settings.md", "rights.md"}

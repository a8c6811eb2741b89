"""`siaga config`: every setting, what it means, what it is; never a secret."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.tests.commands.fakes import SERVICES, Terminal


def settings(siaga: Terminal, *service: str) -> dict[str, dict[str, Any]]:
    items = json.loads(siaga("config", *service, "--json").stdout)["items"]
    return {one["variable"]: one for one in items}


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_every_service_says_what_it_means(siaga: Terminal, service: str) -> None:
    found = settings(siaga, service)
    assert {"SIAGA_PORT", "KAFKA_BOOTSTRAP"} <= set(found)
    assert [name for name, one in found.items() if not one["description"]] == []


def test_a_system_that_runs_shows_what_it_was_given(folder: Path, siaga: Terminal) -> None:
    ports = {name: 21_000 + index for index, name in enumerate([*SERVICES, "demo-mail"])}
    (folder / "ports.json").write_text(json.dumps(ports))
    found = settings(siaga, "intake")
    assert (found["SIAGA_PORT"]["value"], found["SIAGA_PORT"]["origin"]) == ("21001", "run")
    assert found["MONGO_URL"]["value"] == "mongodb://…@127.0.0.1:1/"


def test_without_one_the_terminal_s_environment_counts(
    folder: Path, siaga: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "servers.json").unlink()
    monkeypatch.setenv("SIAGA_LOG_LEVEL", "DEBUG")
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    found = settings(siaga, "triage")
    assert (found["SIAGA_LOG_LEVEL"]["value"], found["SIAGA_LOG_LEVEL"]["origin"]) == ("DEBUG", "environment")
    assert (found["KAFKA_BOOTSTRAP"]["value"], found["SIAGA_LINGER_MS"]["origin"]) == (None, "default")


def test_all_services_are_printed_for_people(siaga: Terminal) -> None:
    said = siaga("config").stdout
    assert [service for service in SERVICES if f"{service}\n" not in said] == []
    assert "password of" not in said


def test_an_unknown_service_is_one_sentence(siaga: Terminal) -> None:
    said = siaga("config", "console")
    assert said.exit_code == 2
    assert said.stderr.startswith("Tidak ada layanan console. Yang ada: directory, intake")

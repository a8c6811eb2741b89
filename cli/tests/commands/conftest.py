"""A terminal to type at, before a system that runs in memory."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.tests.commands.fakes import SERVICES, TENANTS, System, Terminal
from siaga_cli.commands.spoken import let_it_speak
from siaga_cli.main import register_all


@pytest.fixture
def system() -> System:
    running = System()
    running.behind("POST", "directory", "/v1/tokens", {"access_token": "t", "expires_in": 600})
    lines = []
    for code, (name, abbreviation, zone) in TENANTS.items():
        line = {"tenant": code, "name": name, "abbreviation": abbreviation, "version": 1}
        lines.append({**line, "applied_at": "2026-11-01T00:00:00Z"})
        configuration = {
            "time_zone": zone,
            "agencies": [{"id": "damkar", "name": "Pemadam Kebakaran"}],
            "incident_types": [
                {
                    "code": "structure_fire",
                    "common": "structure_fire",
                    "name": {"id": "Kebakaran bangunan", "en": "Structure fire"},
                }
            ],
        }
        running.behind("GET", "directory", f"/v1/tenants/{code}", {**line, "configuration": configuration})
    running.behind("GET", "directory", "/v1/tenants", {"items": lines})
    return running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with addresses and secrets, as `siaga run` leaves it."""
    for variable in ("SIAGA_SERVICES", "SIAGA_ACCOUNT", "SIAGA_PASSWORD_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SIAGA_HOME", str(tmp_path))
    addresses = {name: f"http://{name}" for name in SERVICES}
    (tmp_path / "services.json").write_text(json.dumps(addresses))
    (tmp_path / "servers.json").write_text(
        json.dumps(
            {
                "kafka_bootstrap": "127.0.0.1:1",
                "mongo_url": "mongodb://user:word@127.0.0.1:1/",
                "kafka_engine": "apache-kafka",
                "store_engine": "store",
            }
        )
    )
    for secret in ("cli", "accounts/admin"):
        path = tmp_path / "secrets" / secret
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"password of {secret}\n")
        path.chmod(0o600)
    return tmp_path


def typed_at(system: System, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    def run(*typed: str, language: str = "id") -> Result:
        monkeypatch.setenv("SIAGA_LANG", language)
        app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
        register_all(app)
        let_it_speak(app)
        result = CliRunner().invoke(app, list(typed), prog_name="siaga", obj=system.world())
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def siaga(system: System, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    assert folder.is_dir()
    return typed_at(system, monkeypatch)

"""Tenants' files of a run's own, made from those of the checkout."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.system import ROOT

TENANTS = ROOT / "tenants"
LIARS = "SIAGA_DEMO_LIARS"
"""Names, in a tenant's file, where endpoints are that may lie."""
FOLDER = "tenants-of-the-run"

Change = Callable[[dict[str, Any]], None]


def changed_tenants(home: Path, change: Change) -> Path:
    """Write every tenant's file of the checkout anew, each changed; returns their folder."""
    return written(home, {path.stem: _changed(path, change) for path in sorted(TENANTS.glob("*.yaml"))})


def written(home: Path, files: Mapping[str, Any]) -> Path:
    """Write tenants' files under their codes; returns their folder."""
    folder = home.with_name(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for code, file in files.items():
        (folder / f"{code}.yaml").write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    return folder


def _changed(path: Path, change: Change) -> dict[str, Any]:
    file: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    change(file)
    return file


def may_lie(file: dict[str, Any], agency: str) -> None:
    """Let an agency's webhooks go where endpoints may lie."""
    for one in file["agencies"]:
        if one["id"] == agency:
            for contact in one["contacts"]:
                if "url" in contact:
                    contact["url"] = contact["url"].replace("SIAGA_DEMO_WEBHOOKS", LIARS)


def ask_on_after(file: dict[str, Any], seconds: int) -> None:
    """Let the next contact be asked where one has not accepted for so many seconds."""
    file["clocks"]["acceptance_seconds"] = dict.fromkeys(file["clocks"]["acceptance_seconds"], seconds)

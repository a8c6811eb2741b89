"""How `siaga run` signs in: with the password in the secret's file, or a sentence that says what to do."""

from pathlib import Path

import httpx
import pytest

from service_kit.secrets import Secrets
from siaga_cli.run.directory_door import ADMIN_SECRET, DirectoryDoor, DirectoryRefused
from siaga_embedded.refusal import ExitCode


async def test_a_changed_password_is_told_with_the_file_to_write_it_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIAGA_HOME", str(tmp_path))
    monkeypatch.setenv("SIAGA_LANG", "en")
    secrets = Secrets(tmp_path / "secrets")
    secrets.ensure(ADMIN_SECRET)
    door = DirectoryDoor("http://directory", secrets, "run")
    client = httpx.AsyncClient(
        base_url="http://directory", transport=httpx.MockTransport(lambda _: httpx.Response(401))
    )
    monkeypatch.setattr(door, "_client", client)
    with pytest.raises(DirectoryRefused, match="write the present one into it") as refused:
        async with door:
            pass
    assert str(tmp_path / "secrets" / ADMIN_SECRET) in str(refused.value)
    assert refused.value.exit_code == ExitCode.DID_NOT_COME_UP

import os
import threading
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from service_kit.secrets import SecretExposed, SecretMissing, SecretNameRefused, Secrets, SecretUnusable


def _written(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_missing_secret_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "secrets")
    value = secrets.ensure("trunks/53.03/pbx-ttu")
    path = tmp_path / "secrets" / "trunks" / "53.03" / "pbx-ttu"
    assert len(urlsafe_b64decode(value + b"=")) == 32
    assert path.read_bytes() == value + b"\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert {directory.stat().st_mode & 0o777 for directory in [path.parent, *path.parents[1:3]]} == {0o700}
    assert [entry.name for entry in path.parent.iterdir()] == ["pbx-ttu"]


def test_a_secret_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    _written(tmp_path / "operator.key", b"given by the operator\n")
    assert Secrets(tmp_path).ensure("operator.key") == b"given by the operator"


def test_many_that_make_one_secret_at_once_all_get_the_same(tmp_path: Path) -> None:
    start, values = threading.Barrier(16), []

    def make() -> None:
        secrets = Secrets(tmp_path / "secrets")
        start.wait()
        values.append(secrets.ensure("links.key"))

    threads = [threading.Thread(target=make) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == 16
    assert len(set(values)) == 1


def test_a_missing_secret_is_said_with_the_file_it_should_be_in(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match=str(tmp_path / "operator.key")):
        Secrets(tmp_path).read("operator.key")


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644, 0o602, 0o610])
def test_a_file_that_others_may_use_is_no_secret(tmp_path: Path, mode: int) -> None:
    path = _written(tmp_path / "operator.key", b"seen by others", mode)
    with pytest.raises(SecretExposed, match="chmod 600") as refusal:
        Secrets(tmp_path).read("operator.key")
    assert "seen by others" not in str(refusal.value)
    path.chmod(0o600)
    assert Secrets(tmp_path).read("operator.key") == b"seen by others"


def test_a_file_exposed_after_it_was_read_is_refused_too(tmp_path: Path) -> None:
    path, secrets = _written(tmp_path / "operator.key", b"value"), Secrets(tmp_path)
    secrets.read("operator.key")
    path.chmod(0o644)
    with pytest.raises(SecretExposed):
        secrets.read("operator.key")


def test_an_exposed_secret_is_not_replaced_silently(tmp_path: Path) -> None:
    _written(tmp_path / "operator.key", b"value", 0o644)
    with pytest.raises(SecretExposed):
        Secrets(tmp_path).ensure("operator.key")


def test_a_group_may_read_what_the_cluster_hands_to_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _written(tmp_path / "operator.key", b"value", 0o440)
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert Secrets(tmp_path).read("operator.key") == b"value"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        ".hidden",
        "a/.b",
        "a\\b",
        "a b",
        "a\n",
        "a\0",
        "é",
        "a" * 300,
    ],
)
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SecretNameRefused):
        Secrets(tmp_path).read(name)


def test_a_changed_file_counts_from_the_next_read_on(tmp_path: Path) -> None:
    path, secrets = _written(tmp_path / "links.key", b"old\n"), Secrets(tmp_path)
    assert secrets.read("links.key") == b"old"
    path.write_bytes(b"new\n")
    os.utime(path, ns=(1, 1))
    assert secrets.read("links.key") == b"new"


def test_several_lines_are_a_rotation_and_the_first_is_in_force(tmp_path: Path) -> None:
    _written(tmp_path / "links.key", b"new\r\n\n  old  \n")
    assert Secrets(tmp_path).read_all("links.key") == (b"new", b"old")
    assert Secrets(tmp_path).read("links.key") == b"new"


@pytest.mark.parametrize("content", [b"", b"\n \n", b"x" * 70_000])
def test_an_empty_or_huge_file_is_said_to_be_unusable(tmp_path: Path, content: bytes) -> None:
    _written(tmp_path / "links.key", content)
    with pytest.raises(SecretUnusable, match=r"links\.key"):
        Secrets(tmp_path).read("links.key")


def test_a_directory_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "trunks").mkdir(mode=0o700)
    with pytest.raises((SecretExposed, SecretUnusable)):
        Secrets(tmp_path).read("trunks")

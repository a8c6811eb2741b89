"""Folders, logs and the lock of one running system."""

import os
import stat
from pathlib import Path

import pytest

from siaga_embedded.kafka import Broker, new_cluster_id
from siaga_embedded.occupancy import AlreadyRunning, occupy
from siaga_embedded.places import DataNotUsable, NoSpaceLeft, Places, cache_folder, require_space, rotate


def test_earlier_logs_are_kept_for_three_starts(tmp_path: Path) -> None:
    log = tmp_path / "intake.log"
    for start in range(6):
        rotate(log)
        log.write_text(str(start))
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"intake.log": "5", "intake.log.1": "4", "intake.log.2": "3", "intake.log.3": "2"}


def test_a_full_disk_is_refused_in_one_sentence(places: Places) -> None:
    with pytest.raises(NoSpaceLeft, match="tinggal 5 MB, perlu 300 MB") as refused:
        require_space(places, free=lambda _: 5_000_000)
    assert refused.value.exit_code == 4


@pytest.mark.parametrize("in_the_way", ["", "logs"])
def test_a_data_folder_that_cannot_be_is_refused_in_one_sentence(tmp_path: Path, in_the_way: str) -> None:
    folder = tmp_path / "data"
    (folder / in_the_way).parent.mkdir(exist_ok=True)
    (folder / in_the_way).write_text("")
    with pytest.raises(DataNotUsable, match="tidak dapat dipakai") as refused, occupy(Places(folder)):
        pass
    assert ("\n" in str(refused.value), refused.value.exit_code) == (False, 10)


def test_a_lock_that_cannot_be_written_is_refused_in_one_sentence(places: Places) -> None:
    places.lock.mkdir()
    with pytest.raises(DataNotUsable), occupy(places):
        pass


def test_data_are_readable_by_their_owner_only(places: Places) -> None:
    assert stat.S_IMODE(places.data.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/home/ana"}, "/x/siaga112"),
        ({"HOME": "/home/ana"}, "/home/ana/.cache/siaga112"),
    ],
)
def test_the_cache_is_the_users(environ: dict[str, str], folder: str) -> None:
    assert cache_folder(environ) == Path(folder)


def test_a_second_start_on_one_checkout_is_told_who_is_first(places: Places) -> None:
    with occupy(places):
        with pytest.raises(AlreadyRunning, match=r"proses \d+") as refused, occupy(places):
            pytest.fail("two at once")
        assert places.lock.read_text() == str(os.getpid())
    assert refused.value.exit_code == 5
    with occupy(places):
        pass  # whoever was first has let go


def test_the_broker_listens_on_the_loopback_only_and_keeps_small_indexes(places: Places) -> None:
    settings = Broker(places, 4711, 4712)._settings()
    listeners = next(line for line in settings.splitlines() if line.startswith("listeners="))
    assert listeners == "listeners=PLAINTEXT://127.0.0.1:4711,CONTROLLER://127.0.0.1:4712"
    assert "log.index.size.max.bytes=65536" in settings
    assert "auto.create.topics.enable=false" in settings


def test_a_clusters_name_never_looks_like_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drawn:
        def __init__(self, content: bytes) -> None:
            self.bytes = content

    draws = iter([Drawn(b"\xfb" * 16), Drawn(b"\x00" * 16)])
    monkeypatch.setattr("siaga_embedded.kafka.uuid.uuid4", lambda: next(draws))
    assert new_cluster_id() == "A" * 22

"""Which store is started: the best that is there, and always the one that holds the data."""

from pathlib import Path

import pytest

from siaga_embedded.build_store import StoreNotBuilt, require_cargo
from siaga_embedded.places import Places
from siaga_embedded.store import Choice, Engine, Store, StoreNotUsable, choose, rust_server

EVERYTHING = {"mongod": "/bin/mongod", "secantusd-rs": "/bin/secantusd-rs"}
GIVEN = {"MONGO_URL": "mongodb://example.test"}


def nothing(_: str) -> None:
    """A PATH on which nothing is found."""


@pytest.fixture
def no_cache(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_a_given_server_always_wins(places: Places) -> None:
    Store(places, Choice(Engine.SECANTUS_PYTHON, "x"), 1).prepare()
    assert choose(places, GIVEN, EVERYTHING.get).engine is Engine.GIVEN


def test_mongod_comes_before_the_embedded_engines(places: Places, no_cache: dict[str, str]) -> None:
    assert choose(places, no_cache, EVERYTHING.get) == Choice(Engine.MONGOD, "/bin/mongod")


def test_what_make_store_built_comes_next(places: Places, no_cache: dict[str, str]) -> None:
    built = rust_server(no_cache)
    built.parent.mkdir(parents=True)
    built.touch()
    assert choose(places, no_cache, nothing) == Choice(Engine.SECANTUS_RUST, str(built))


def test_the_wheel_needs_nothing(places: Places, no_cache: dict[str, str]) -> None:
    chosen = choose(places, no_cache, nothing)
    assert chosen.engine is Engine.SECANTUS_PYTHON
    assert Path(chosen.executable).is_file()


def test_one_engine_can_be_asked_for_outright(places: Places, no_cache: dict[str, str]) -> None:
    asked = {**no_cache, "SIAGA_STORE": "secantusd-rs"}
    assert choose(places, asked, EVERYTHING.get).engine is Engine.SECANTUS_RUST


def test_data_stay_with_the_engine_they_were_begun_with(places: Places, no_cache: dict[str, str]) -> None:
    Store(places, Choice(Engine.SECANTUS_PYTHON, "x"), 1).prepare()
    assert choose(places, no_cache, EVERYTHING.get).engine is Engine.SECANTUS_PYTHON


def test_data_whose_engine_is_gone_are_not_hidden_behind_an_empty_store(
    places: Places, no_cache: dict[str, str]
) -> None:
    Store(places, Choice(Engine.MONGOD, "/bin/mongod"), 1).prepare()
    with pytest.raises(StoreNotUsable, match="mongod") as refused:
        choose(places, no_cache, nothing)
    assert refused.value.exit_code == 9


@pytest.mark.parametrize("engine", [Engine.SECANTUS_RUST, Engine.SECANTUS_PYTHON])
def test_the_embedded_engines_sync_every_commit_on_the_loopback(places: Places, engine: Engine) -> None:
    command = " ".join(Store(places, Choice(engine, "/bin/x"), 4711).program().command)
    assert "--sync-on-commit" in command
    assert "--host 127.0.0.1 --port 4711" in command


def test_mongod_is_a_replica_set_of_one_reached_directly(places: Places) -> None:
    store = Store(places, Choice(Engine.MONGOD, "/bin/mongod"), 4711)
    assert "--replSet" in store.program().command
    assert store.url == "mongodb://127.0.0.1:4711/?directConnection=true"


@pytest.mark.parametrize("version", [None, "", "cargo 1.94.1 (abc 2026-01-01)"])
def test_the_faster_store_is_refused_in_one_sentence_without_a_recent_cargo(version: str | None) -> None:
    with pytest.raises(StoreNotBuilt, match=r"1\.95"):
        require_cargo(version)


def test_a_recent_cargo_will_do() -> None:
    require_cargo("cargo 1.95.0 (f2d3ce0bd 2026-03-21)")

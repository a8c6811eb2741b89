"""The store of one machine: the best MongoDB-compatible server that is there, as a child process.

In this order (A19): MONGO_URL; a `mongod` on the PATH; `secantusd-rs` in the cache (`make store`) or on the
PATH; the SecantusDB wheel. SIAGA_STORE names one of the embedded engines outright (for comparisons). A data folder stays with the engine that it was begun with, because none of them
reads another's files.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from siaga_embedded.places import DataNotUsable, Places, cache_folder
from siaga_embedded.ports import LOOPBACK, is_listening
from siaga_embedded.refusal import ExitCode, Refusal
from siaga_embedded.supervise import SERVERS, Program

NAME = "store"
GRACE = timedelta(seconds=4)
CACHE_MEGABYTES = 128
REPLICA_SET = "siaga"
ASK_TIMEOUT = 2_000  # milliseconds
INTERNAL_ERROR = 1  # MongoDB's error code for what is the server's own fault
NOT_YET_INITIALIZED = 94  # MongoDB's error code for a replica set without a configuration

Find = Callable[[str], str | None]
"""Look a program up, as `shutil.which` does."""


class Engine(StrEnum):
    """What keeps the state, best first; the value is what `siaga status` says."""

    GIVEN = "MONGO_URL"
    MONGOD = "mongod"
    SECANTUS_RUST = "secantusd-rs"
    SECANTUS_PYTHON = "secantusd-py"


class StoreNotUsable(Refusal):
    """The engine that holds this folder's data is gone, or none is there at all."""

    exit_code = ExitCode.STORE_NOT_USABLE


@dataclass(frozen=True, slots=True)
class Choice:
    """One engine and the program that is it (empty for a server that was given)."""

    engine: Engine
    executable: str = ""


def present(environ: Mapping[str, str], find: Find = shutil.which) -> tuple[Choice, ...]:
    """All engines that are there, best first."""
    cached = rust_server(environ)
    rust = str(cached) if cached.is_file() else find("secantusd-rs")
    beside_python = Path(sys.executable).with_name("secantusd-py")
    python = str(beside_python) if beside_python.is_file() else find("secantusd-py")
    found = {Engine.MONGOD: find("mongod"), Engine.SECANTUS_RUST: rust, Engine.SECANTUS_PYTHON: python}
    given = (Choice(Engine.GIVEN),) if environ.get("MONGO_URL") else ()
    wanted = environ.get("SIAGA_STORE")
    embedded = (Choice(engine, path) for engine, path in found.items() if path)
    return given + tuple(choice for choice in embedded if wanted in {None, "", choice.engine})


def choose(places: Places, environ: Mapping[str, str], find: Find = shutil.which) -> Choice:
    """Take the best engine there is, or the one that this folder's data was begun with."""
    there = present(environ, find)
    begun = begun_with(places)
    if there and (there[0].engine is Engine.GIVEN or begun is None):
        return there[0]
    for choice in there:
        if choice.engine is begun:
            return choice
    if begun is None:
        raise StoreNotUsable(
            "Tidak ada penyimpan: pasang ulang dengan `make clean run`, atau tunjuk MongoDB dengan MONGO_URL.",
            "There is no store: install again with `make clean run`, or name a MongoDB with MONGO_URL.",
        )
    raise StoreNotUsable(
        f"Data di {places.store} dibuat oleh {begun}, yang sekarang tidak ada: pasang kembali, atau hapus data dengan `make clean`.",
        f"The data in {places.store} were made by {begun}, which is not there now: bring it back, or remove the data with `make clean`.",
    )


def begun_with(places: Places) -> Engine | None:
    """The engine whose files lie in the data folder."""
    try:
        return Engine((places.store / "engine").read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None


def rust_server(environ: Mapping[str, str]) -> Path:
    """Where `make store` puts the faster server."""
    return cache_folder(environ) / "store" / "bin" / "secantusd-rs"


@dataclass(frozen=True, slots=True)
class Store:
    """The embedded store of one data folder."""

    places: Places
    choice: Choice
    port: int

    @property
    def url(self) -> str:
        """What PyMongo connects to."""
        options = "?directConnection=true" if self.choice.engine is Engine.MONGOD else ""
        return f"mongodb://{LOOPBACK}:{self.port}/{options}"

    @property
    def folder(self) -> Path:
        """This engine's own files."""
        return self.places.store / self.choice.engine

    def prepare(self) -> None:
        """Make the folder and remember whose it is (blocking)."""
        try:
            self.places.store.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.mkdir(exist_ok=True, mode=0o700)
            (self.places.store / "engine").write_text(self.choice.engine, encoding="utf-8")
            (self.places.store / "secantusd.toml").touch()  # its own, so that it reads nobody else's
        except OSError as error:
            raise DataNotUsable(self.places.store, error) from error

    def program(self) -> Program:
        """The store as the supervisor runs it."""
        return Program(NAME, (self.choice.executable, *self._words()), tier=SERVERS, grace=GRACE)

    async def is_ready(self) -> bool:
        """Whether the store answers, and (as a replica set of one) takes writes."""
        if not is_listening(self.port):
            return False
        async with AsyncMongoClient[dict[str, object]](
            self.url, serverSelectionTimeoutMS=ASK_TIMEOUT, directConnection=True
        ) as client:
            if self.choice.engine is Engine.MONGOD:
                await self._be_a_replica_set(client)
            hello = await client.admin.command("hello")
        return bool(hello.get("isWritablePrimary") or hello.get("ismaster"))

    async def is_broken(self) -> bool:
        """Whether it says so: after a full disk WiredTiger refuses everything until the process is another."""
        async with AsyncMongoClient[dict[str, object]](
            self.url, serverSelectionTimeoutMS=ASK_TIMEOUT, socketTimeoutMS=ASK_TIMEOUT, directConnection=True
        ) as client:
            try:
                await (
                    client.get_database("siaga")
                    .get_collection("is_it_well", read_concern=ReadConcern("majority"))
                    .find_one({})
                )
            except OperationFailure as refused:
                return refused.code == INTERNAL_ERROR
        return False

    def _words(self) -> tuple[str, ...]:
        if self.choice.engine is Engine.MONGOD:
            return (
                "--bind_ip", LOOPBACK, "--port", str(self.port), "--dbpath", str(self.folder),
                "--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", "0.25",
            )  # fmt: skip
        return (
            "--config", str(self.places.store / "secantusd.toml"),
            "--host", LOOPBACK, "--port", str(self.port), "--storage-path", str(self.folder),
            "--sync-on-commit", "--standalone", "--cache-size", f"{CACHE_MEGABYTES}M",
        )  # fmt: skip

    async def _be_a_replica_set(self, client: AsyncMongoClient[dict[str, object]]) -> None:
        """Make `mongod` a set of one, and follow a port that was chosen anew."""
        host = f"{LOOPBACK}:{self.port}"
        member = {"_id": 0, "host": host}
        try:
            config = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure as refused:
            if refused.code != NOT_YET_INITIALIZED:
                raise
            await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != host:
            changed = {**config, "version": config["version"] + 1, "members": [member]}
            await client.admin.command("replSetReconfig", changed, force=True)

"""`make docs`: what docs/ says of events, doors, settings and rights, written from the code itself."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from service_kit.service import Service
from service_kit.settings import ServiceSettings
from shared_schemas.asyncapi import event_doc_files
from shared_schemas.places import Places, this_checkout
from shared_schemas.schemas import as_json, write_files
from shared_schemas.topics import read_topics
from siaga_cli.document_pages import Described, Part, doors_page, rights_page, settings_page

NOWHERE = "127.0.0.1:9"
"""Where nothing listens: describing a service connects to nobody."""
API_VERSION = "1"
"""The version in every path; a package's release does not change an API."""


def document_files(places: Places) -> dict[Path, str]:
    """Return every generated page with the content that it must have."""
    api_docs = places.root / "docs" / "api"
    described = [describe(folder) for folder in service_folders(places)]
    return {
        **event_doc_files(read_topics(places.topics), places),
        **{api_docs / f"{one.name}.json": as_json(one.api) for one in described},
        api_docs / "README.md": doors_page(described),
        places.root / "docs" / "settings.md": settings_page(described),
        places.root / "docs" / "rights.md": rights_page(),
    }


def service_folders(places: Places) -> list[Path]:
    """Return the folders of all services, in the order of their names."""
    return sorted(path.parent for path in (places.root / "services").glob("*/pyproject.toml"))


def describe(folder: Path) -> Described:
    """Assemble a service as its own process would, connect nowhere, and let it describe itself."""
    name, package = folder.name, next(folder.glob("src/*/__init__.py")).parent.name
    assemble = import_module(f"{package}.main").assemble
    kind = _settings_of(package)

    async def api() -> Part:
        with _settings(kind) as settings:
            service = Service(name, settings)
            await assemble(service, settings)
            return service.app.openapi()

    made = asyncio.run(api())
    made["info"]["version"] = API_VERSION
    return Described(name, made, kind)


def _settings_of(package: str) -> type[ServiceSettings]:
    """Return the one kind of settings that a service's config room defines."""
    room = import_module(f"{package}.config")
    (kind,) = (
        one
        for one in vars(room).values()
        if isinstance(one, type) and issubclass(one, ServiceSettings) and one.__module__ == room.__name__
    )
    return kind


@contextmanager
def _settings(kind: type[ServiceSettings]) -> Iterator[ServiceSettings]:
    """Give settings that point at nobody, with folders that vanish afterwards."""
    with TemporaryDirectory() as folder:
        given = {
            "SIAGA_SECRETS_DIR": f"{folder}/secrets",
            "SIAGA_DATA_DIR": f"{folder}/data",
            "SIAGA_TOKEN_KEYS": f"{folder}/keys.json",
            "KAFKA_BOOTSTRAP": NOWHERE,
            "MONGO_URL": f"mongodb://{NOWHERE}",
        }
        with _environment(given):
            settings = kind()
        yield settings


@contextmanager
def _environment(only: Mapping[str, str]) -> Iterator[None]:
    """Let settings see these variables and none of this terminal's."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("SIAGA_"):
            del os.environ[name]
    os.environ.update(only)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main() -> int:
    """Write what is not current and say what was written."""
    places = this_checkout()
    for path in write_files(document_files(places)):
        sys.stdout.write(f"written: {places.name_of(path)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

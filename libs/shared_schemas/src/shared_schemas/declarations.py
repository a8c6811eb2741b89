"""What the services themselves declare to hear and to say, beside what the topics' files tell."""

import importlib
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from shared_schemas.topics import Topic


def differing_declarations(topics: Mapping[str, Topic], services: Path) -> list[str]:
    """Return one sentence per difference between the topics' files and HEARS and SAYS of the services.

    Each service's `contracts` room is imported here, in this process: nothing comes alive on import.
    Topics of a single partition are heard by the kit for every service, so HEARS need not name them.
    """
    folders = {path.parents[1].name: path for path in sorted(services.glob("*/src/*")) if _is_package(path)}
    named = {name for topic in topics.values() for name in topic.producers | topic.consumers}
    found = [
        f"topics: {name} is named there, but services/{name} is not there" for name in named - set(folders)
    ]
    for service, package in folders.items():
        found += _of_service(service, package, topics)
    return sorted(found)


def _is_package(path: Path) -> bool:
    return (path / "__init__.py").is_file()


def _of_service(service: str, package: Path, topics: Mapping[str, Topic]) -> list[str]:
    try:
        room = _contracts_of(package)
    except ModuleNotFoundError as error:
        return [f"{service}: has no contracts room that can be imported ({error})"]
    except Exception as error:  # noqa: BLE001 - whatever a service's import raises is the finding
        return [f"{service}: its contracts room cannot be imported ({type(error).__name__}: {error})"]
    told = {name for name, topic in topics.items() if service in topic.consumers}
    by_kit = {name for name in told if topics[name].partitions == "single"}
    said = {name for name, topic in topics.items() if service in topic.producers}
    return [
        *_differences(service, room, "HEARS", "consumers", told, optional=by_kit),
        *_differences(service, room, "SAYS", "producers", said),
    ]


def _differences(
    service: str,
    room: ModuleType,
    constant: str,
    key: str,
    told: set[str],
    optional: Collection[str] = (),
) -> Iterator[str]:
    declared = getattr(room, constant, None)
    if not isinstance(declared, frozenset):
        yield f"{service}: its contracts room declares no frozenset {constant}"
        return
    for topic in sorted(declared - told):
        yield f"{service}: {constant} names {topic}, but topics/{topic}.yaml does not list it under {key}"
    for topic in sorted(told - declared - set(optional)):
        yield f"{service}: topics/{topic}.yaml lists it under {key}, but {constant} does not name it"


def _contracts_of(package: Path) -> ModuleType:
    with _importable(package.parent):
        return importlib.import_module(f"{package.name}.contracts")


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let a service be imported from its folder, whether it is installed or not."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))

"""The topics: who says what to whom, in which partitions, for how long, and by which model.

The YAML files in `topics/` are the truth; a wheel carries a copy of them inside the package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, Literal

import yaml

from shared_schemas import events
from shared_schemas.events import EventData

_PACKAGE = Path(__file__).parent
_IN_WHEEL = _PACKAGE / "contracts"
CONTRACTS_DIR = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parents[1]
"""Where `topics/`, `schemas/` and `examples/` lie: the library's folder, or inside the wheel."""

Partitions = Literal["slots", "single"]


class UnknownEvent(LookupError):
    """No such topic, or no such major version of it; the text names the known ones."""


class TopicUnreadable(ValueError):
    """A topic's YAML file does not say what it must; the text names the file and the key."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as its YAML file describes it.

    Attributes:
        name: as Kafka knows it, past tense, such as `ticket.escalated`.
        purpose: one sentence on why an event is sent here.
        model: the body's model in the newest major version.
        models: the body's model in every major version that is read.
        key: the field of the body that is the record's key.
        subject: the CloudEvents subject, with the body's fields in braces.
        partitions: `slots` of the tenant, or one `single` partition for all tenants.
        retention: how long a record stays; None is for ever.
        compacted: whether only the newest record of each key stays.
        producers: the services that say it; their name is the event's source.
        consumers: the services that hear it.
        major: the newest major version.
    """

    name: str
    purpose: str
    model: type[EventData]
    models: Mapping[int, type[EventData]]
    key: str
    subject: str
    partitions: Partitions
    retention: timedelta | None
    compacted: bool
    producers: frozenset[str]
    consumers: frozenset[str]
    major: int

    def key_of(self, data: EventData) -> str:
        """Return the record's key: all events of one aggregate stay in order in one partition."""
        return str(getattr(data, self.key))

    def subject_of(self, data: EventData) -> str:
        """Return the CloudEvents subject: the aggregate that the event is about."""
        return self.subject.format_map(_Fields(data))


class _Fields(dict[str, str]):
    """The fields of a body, as a subject's braces ask for them."""

    def __init__(self, data: EventData) -> None:
        super().__init__()
        self._data = data

    def __missing__(self, name: str) -> str:
        return str(getattr(self._data, name))


def read_topics(folder: Path) -> Mapping[str, Topic]:
    """Read every topic of a folder, in the order of their names.

    Raises:
        TopicUnreadable: a file lacks a key, or a key says something that does not exist.
    """
    found = {path.name.removesuffix(".yaml"): path for path in sorted(folder.glob("*.yaml"))}
    return MappingProxyType({name: _topic(name, path) for name, path in found.items()})


def _topic(name: str, path: Path) -> Topic:
    try:
        return _from_yaml(name, yaml.load(path.read_bytes(), _LOADER))  # noqa: S506 - the safe loader, in C
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise TopicUnreadable(f"{path.name}: {type(error).__name__}: {error}") from error


def _from_yaml(name: str, said: dict[str, Any]) -> Topic:
    models = {
        int(version.removeprefix("v")): _model(about.get("model", said["model"]))
        for version, about in said["versions"].items()
    }
    newest = max(models)
    days = said["retention_days"]
    if said["sources"] != said["producers"]:
        raise ValueError("the sources are not the producers, whose names they are")
    return Topic(
        name=name,
        purpose=said["purpose"],
        model=models[newest],
        models=MappingProxyType(models),
        key=_field(models[newest], said["key"]),
        subject=_subject(models[newest], said["subject"]),
        partitions=_one_of(said["partitioning"], "slots", "single"),
        retention=None if days is None else timedelta(days=days),
        compacted=_one_of(said["cleanup_policy"], "delete", "compact") == "compact",
        producers=frozenset(said["producers"]),
        consumers=frozenset(said["consumers"]),
        major=newest,
    )


def _model(name: str) -> type[EventData]:
    model: type[EventData] = getattr(events, name)
    return model


def _field(model: type[EventData], name: str) -> str:
    if name not in model.model_fields:
        raise ValueError(f"{model.__name__} has no field {name}")
    return name


def _subject(model: type[EventData], pattern: str) -> str:
    for _, name, _, _ in Formatter().parse(pattern):
        if name is not None:
            _field(model, name)
    return pattern


def _one_of(value: str, *allowed: str) -> Any:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return value


# The C loader where PyYAML has it: this file is read by every process that starts.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

TOPICS: Mapping[str, Topic] = read_topics(CONTRACTS_DIR / "topics")
"""Every topic of the platform by its name."""


def model_of(topic: str, major: int) -> type[EventData]:
    """Return the model of a topic's major version.

    Raises:
        UnknownEvent: there is no such topic or version.
    """
    if topic not in TOPICS:
        raise UnknownEvent(f"no topic {topic!r}; known are {', '.join(TOPICS)}")
    models = TOPICS[topic].models
    if major not in models:
        known = ", ".join(f"v{one}" for one in models)
        raise UnknownEvent(f"no version v{major} of {topic}; known are {known}")
    return models[major]

"""All that must hold of the contracts before a change may go in; each finding is one sentence."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType

import yaml

from shared_schemas import events
from shared_schemas.asyncapi import event_doc_files
from shared_schemas.committed import NothingToCompareWith, committed_files, is_shallow, landed_files
from shared_schemas.compatibility import breaking_changes
from shared_schemas.declarations import differing_declarations
from shared_schemas.events import EventData
from shared_schemas.examples import wrong_in_examples
from shared_schemas.places import Places
from shared_schemas.schemas import is_current, schema_files
from shared_schemas.topics import Topic, TopicUnreadable, read_topics


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks found: findings refuse a change, notes say what could not be looked at."""

    findings: tuple[str, ...]
    notes: tuple[str, ...] = ()


def check(places: Places, *, base: str | None = None) -> Report:
    """Check every contract; `base` is the one revision to compare with, else all that ever landed."""
    try:
        topics = read_topics(places.topics)
    except TopicUnreadable as error:
        return Report((f"topics/{error}",))
    findings = [
        *_stale(topics, places),
        *_orphans(topics, places),
        *models_without_topic(topics, events),
        *_wrong_examples(topics, places),
    ]
    notes: list[str] = []
    _compare(topics, places, base, findings, notes)
    if (services := places.root / "services").is_dir():
        findings += differing_declarations(topics, services)
    else:
        notes.append("no services lie beside the contracts, so what they declare was not compared")
    return Report(tuple(findings), tuple(notes))


def _stale(topics: Mapping[str, Topic], places: Places) -> Iterator[str]:
    files = schema_files(topics, places) | event_doc_files(topics, places)
    for path, content in files.items():
        if not is_current(path, content):
            yield f"{places.name_of(path)} is not current: run python -m shared_schemas generate"


def _orphans(topics: Mapping[str, Topic], places: Places) -> Iterator[str]:
    versions = {f"{topic.name}.v{major}" for topic in topics.values() for major in topic.models}
    for path in sorted(places.schemas.glob("*")):
        if path.name.removesuffix(".json") not in versions:
            yield f"schemas/{path.name} belongs to no version of any topic"
    for path in sorted(places.examples.glob("*/*")):
        if f"{path.parent.name}.{path.name}" not in versions:
            yield f"examples/{path.parent.name}/{path.name} belongs to no version of any topic"


def models_without_topic(topics: Mapping[str, Topic], models: ModuleType) -> list[str]:
    """Return one sentence per model of a module that no topic carries, whole or as a part."""
    own = {
        name: one
        for name, one in vars(models).items()
        if isinstance(one, type) and issubclass(one, EventData) and one.__module__ == models.__name__
    }
    bases = {base for one in own.values() for base in one.__mro__[1:]}
    used: set[str] = set()
    for topic in topics.values():
        for model in topic.models.values():
            used |= {model.__name__, *model.model_json_schema().get("$defs", {})}
    idle = [name for name, one in own.items() if one not in bases and name not in used]
    return [f"the model {name} belongs to no topic" for name in idle]


def _wrong_examples(topics: Mapping[str, Topic], places: Places) -> Iterator[str]:
    for topic in topics.values():
        for major in topic.models:
            folder = places.examples / topic.name / f"v{major}"
            for sentence in wrong_in_examples(topic, major, folder):
                yield f"examples/{topic.name}/v{major}: {sentence}"


def _compare(
    topics: Mapping[str, Topic], places: Places, base: str | None, findings: list[str], notes: list[str]
) -> None:
    try:
        earlier = _earlier(places, base, notes)
    except NothingToCompareWith as error:
        missing = findings if base else notes  # who names a revision wants the comparison
        missing.append(f"schemas were not compared with {base or 'those that landed'}: {error}")
        return
    made = {path.name: content for path, content in schema_files(topics, places).items()}
    retired = read_retired(places)
    findings += [f"schemas/{name} is retired and still there" for name in retired if name in made]
    for name, contents in earlier.items():
        if name in made:
            findings += _broken(name, contents, made[name])
        elif name not in retired:
            findings.append(f"schemas/{name} was removed, and older services still say it")


def _earlier(places: Places, base: str | None, notes: list[str]) -> Mapping[str, Sequence[str]]:
    """Return what each schema must still agree with: one revision's, or all that ever landed."""
    if base is not None:
        return {name: [content] for name, content in committed_files(places.schemas, base).items()}
    if is_shallow(places.schemas):
        notes.append(
            "this clone is shallow: schemas were compared only with what its commits hold"
            " (all: git fetch --unshallow)"
        )
    return landed_files(places.schemas)


def _broken(name: str, earlier: Iterable[str], made: str) -> list[str]:
    new = json.loads(made)
    changes = [change for content in earlier for change in breaking_changes(json.loads(content), new)]
    return [f"{name.removesuffix('.json')}: {change}" for change in dict.fromkeys(changes)]


def read_retired(places: Places) -> Mapping[str, date]:
    """Return the schemas that went for good, as no log holds their events any more, and since when."""
    said = yaml.safe_load(places.retired.read_bytes()) if places.retired.is_file() else None
    return dict(said or {})

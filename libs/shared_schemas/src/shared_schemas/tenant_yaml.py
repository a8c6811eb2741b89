"""A small, careful YAML: text, numbers, true and false, lists and mappings, and nothing else.

It refuses what makes YAML dangerous or surprising: aliases (they can blow up), tags, repeated keys,
deep nesting, large files, and words such as `no` or `on` that turn into something else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import yaml

from shared_schemas.tenant_findings import Finding, FindingKind

LIMIT_BYTES: Final = 256 * 1024
LIMIT_DEPTH: Final = 12
Path = tuple[str | int, ...]
_WHOLE = re.compile(r"[-+]?\d{1,15}\Z")
_NUMBER = re.compile(r"[-+]?(\d{1,15}\.\d{0,15}|\.\d{1,15}|\d{1,15}(\.\d{0,15})?[eE][-+]?\d{1,2})\Z")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(slots=True)
class Document:
    """What was read: the value, the line of each of its parts, and what was wrong on the way."""

    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line(self, path: Path) -> int | None:
        """Return the line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


class _Stopped(Exception):
    """Reading cannot go on; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.kind)
        self.finding = finding


def read_yaml(content: bytes) -> Document:
    """Read one YAML document; whatever is wrong is in its findings, never raised."""
    document = Document()
    if len(content) > LIMIT_BYTES:
        values = {"size": str(len(content)), "limit": str(LIMIT_BYTES)}
        document.findings.append(Finding(FindingKind.TOO_LARGE, values=values))
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        document.findings.append(Finding(FindingKind.NOT_TEXT, line=line))
        return document
    try:
        _Reading(document, yaml.parse(text, Loader=yaml.SafeLoader)).read()
    except _Stopped as stopped:
        document.findings.append(stopped.finding)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.findings.append(_not_yaml(error.problem or "?", mark.line + 1 if mark else None))
    except yaml.YAMLError as error:
        document.findings.append(_not_yaml(str(error).splitlines()[0], None))
    return document


def _not_yaml(reason: str, line: int | None) -> Finding:
    return Finding(FindingKind.NOT_YAML, line=line, values={"reason": reason})


class _Reading:
    """Builds a value from YAML's events, one at a time."""

    def __init__(self, document: Document, events: Iterator[yaml.Event]) -> None:
        self._document = document
        self._events = events

    def read(self) -> None:
        first = self._next()
        while isinstance(first, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            first = self._next()
        if isinstance(first, yaml.StreamEndEvent):
            return
        self._document.value = self._value(first, ())
        self._next()  # the document's end
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Stopped(_not_yaml("a second document begins", _line(after)))

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _value(self, event: yaml.Event, path: Path) -> object:
        self._document.lines.setdefault(path, _line(event))
        self._refuse_tricks(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _refuse_tricks(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _Stopped(Finding(FindingKind.ALIAS, line=_line(event)))
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise _Stopped(Finding(FindingKind.TAG, line=_line(event), values={"tag": str(tag)[:60]}))
        if len(path) > LIMIT_DEPTH:
            values = {"limit": str(LIMIT_DEPTH)}
            raise _Stopped(Finding(FindingKind.TOO_DEEP, line=_line(event), values=values))

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> object:
        text = str(event.value)
        if event.style is not None:
            return text
        self._document.written[path] = text
        return plain_value(text)

    def _sequence(self, path: Path) -> list[object]:
        values: list[object] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event)
            place = (*path, key)
            if key in values:
                first = {"key": key, "first": str(self._document.lines[place])}
                self._document.findings.append(
                    Finding(FindingKind.DUPLICATE_KEY, line=_line(event), values=first)
                )
            self._document.lines.setdefault(place, _line(event))
            value = self._value(self._next(), place)
            values.setdefault(key, value)
        return values

    def _key(self, event: yaml.Event) -> str:
        self._refuse_tricks(event, ())
        if not isinstance(event, yaml.ScalarEvent):
            raise _Stopped(Finding(FindingKind.KEY_NOT_TEXT, line=_line(event)))
        return str(event.value)


def plain_value(text: str) -> object:
    """Return what a scalar without quotation marks means (YAML 1.2 core schema, finite numbers only)."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.match(text):
        return int(text)
    if _NUMBER.match(text):
        return float(text)
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1

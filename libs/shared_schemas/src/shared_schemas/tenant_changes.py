"""What two versions of a tenant's configuration differ in, named as a person would name it.

Plain standard library, so that `domain` and `application` rooms may compare configurations.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_NAMES = ("id", "code")
ORDER = "order"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        path: where, such as `agencies[damkar].contacts[posko].url`; ends in `order` where only the
            order of a list changed (a ladder is an order).
        before: the old value as compact JSON, or None where there was none.
        after: the new value as compact JSON, or None where there is none any more.
    """

    path: str
    before: str | None
    after: str | None

    def sentence(self, language: str = "id") -> str:
        """Say the difference as one line for a person, in Indonesian or (`en`) English."""
        english = language == "en"
        if self.before is None:
            return f"{self.path}: {'added' if english else 'ditambahkan'} {_short(self.after)}"
        if self.after is None:
            return f"{self.path}: {'removed' if english else 'dihapus'}, {_was(self.before, english=english)}"
        return f"{self.path}: {_short(self.before)} → {_short(self.after)}"


def changes_between(old: object, new: object, path: str = "") -> list[Change]:
    """Return every difference between two JSON values, in the order of the new one.

    Lists of named things (agencies, contacts, incident types, trunks) are compared by name, so that
    inserting one is one change; other lists are compared whole.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _of_mappings(old, new, path)
    names = _names_of(old), _names_of(new)
    if names[0] is not None and names[1] is not None:
        return _of_named(names[0], names[1], path)
    if _json(old) == _json(new):
        return []
    return [Change(path, _json(old), _json(new))]


def _of_mappings(old: Mapping[str, object], new: Mapping[str, object], path: str) -> list[Change]:
    found: list[Change] = []
    for key in [*new, *(key for key in old if key not in new)]:
        found += _of_one(old, new, key, f"{path}.{key}" if path else key)
    return found


def _of_named(old: Mapping[str, object], new: Mapping[str, object], path: str) -> list[Change]:
    found: list[Change] = []
    for name in [*new, *(name for name in old if name not in new)]:
        found += _of_one(old, new, name, f"{path}[{name}]")
    kept_before = [name for name in old if name in new]
    kept_after = [name for name in new if name in old]
    if kept_before != kept_after:
        found.append(Change(f"{path}.{ORDER}", _json(list(old)), _json(list(new))))
    return found


def _of_one(old: Mapping[str, object], new: Mapping[str, object], key: str, path: str) -> list[Change]:
    if key not in old:
        return [Change(path, None, _json(new[key]))]
    if key not in new:
        return [Change(path, _json(old[key]), None)]
    return changes_between(old[key], new[key], path)


def _names_of(value: object) -> Mapping[str, object] | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    named: dict[str, object] = {}
    for one in value:
        name = _name_of(one)
        if name is None or name in named:
            return None
        named[name] = one
    return named


def _name_of(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return None
    return next((str(value[key]) for key in _NAMES if isinstance(value.get(key), str)), None)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _short(text: str | None, limit: int = 80) -> str:
    text = text or ""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _was(text: str, *, english: bool) -> str:
    return f"{'was' if english else 'sebelumnya'} {_short(text)}"

"""Which changes of a JSON Schema would break somebody, each named in one sentence.

Inside a major version old and new replicas run side by side. So a newer reader must accept all that
was ever said, and a newer writer must not at once say what an older reader refuses. What only a
person can bring about later, such as using a wider limit, is left to the upgrade in two steps.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return one sentence per breaking change between two schemas of one topic version."""
    return list(dict.fromkeys(_Comparison(old, new).of("body", old, new)))


class _Comparison:
    """Walks two schemas side by side, following `$ref` in each."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old
        self._new = new
        self._inside: set[tuple[str, str]] = set()

    def of(self, path: str, old: Schema, new: Schema) -> list[str]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if pair in self._inside:
            return []  # a model that holds itself
        named = pair != ("None", "None")
        if named:
            self._inside.add(pair)
        found = self._of_branches(path, _branches(self._old, old), _branches(self._new, new))
        if named:
            self._inside.discard(pair)
        return found

    def _of_branches(self, path: str, old: list[Schema], new: list[Schema]) -> list[str]:
        if len(old) == len(new) == 1:
            return list(self._of_plain(path, old[0], new[0]))
        found: list[str] = []
        for branch in old:
            candidates = _like(branch, new)
            tried = [list(self._of_plain(path, branch, candidate)) for candidate in candidates]
            closest: list[str] = min(tried or [[f"{path}: may no longer be {_kind(branch)}"]], key=len)
            found += closest
        known = {_kind(branch) for branch in old} | {_type(branch) for branch in old}
        found += [
            f"{path}: may now also be {_kind(branch)}, which older readers refuse"
            for branch in new
            if _kind(branch) not in known and _type(branch) not in known
        ]
        return found

    def _of_plain(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        if _type(old) != _type(new):
            yield f"{path}: the type changed from {_type(old)} to {_type(new)}"
            return
        yield from _of_words(path, old, new)
        yield from _of_bounds(path, old, new)
        yield from self._of_fields(path, old, new)
        if "items" in old and "items" in new:
            yield from self.of(f"{path}[]", old["items"], new["items"])

    def _of_fields(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            if name not in after:
                yield f"{path}.{name}: the field was removed"
            else:
                yield from self.of(f"{path}.{name}", before[name], after[name])
        for name in sorted(must_after - must_before):
            news = "is required now" if name in before else "is new and required"
            yield f"{path}.{name}: the field {news}, and older writers do not say it"
        for name in sorted((must_before - must_after) & set(after)):
            yield f"{path}.{name}: the field is no longer required, and older readers need it"
        if old.get("x-closed"):
            for name in sorted(set(after) - set(before)):
                yield f"{path}.{name}: a field was added to a closed form, and older readers would lose it"
        if old.get("additionalProperties") is not False and new.get("additionalProperties") is False:
            yield f"{path}: unknown fields are refused now"


def _of_words(path: str, old: Schema, new: Schema) -> Iterator[str]:
    if "enum" in new and "enum" not in old and "const" not in old:
        yield f"{path}: any text was allowed, now only a list of words"
    for word in old.get("enum", ()):
        if "enum" in new and word not in new["enum"]:
            yield f"{path}: the word {word!r} was removed"
    if "const" in new and new["const"] != old.get("const"):
        yield f"{path}: only {new['const']!r} is allowed now"


def _of_bounds(path: str, old: Schema, new: Schema) -> Iterator[str]:
    for name in _LOWER:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{path}: {name} was tightened from {old.get(name, 'none')} to {new[name]}"
    for name in _UPPER:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{path}: {name} was tightened from {old.get(name, 'none')} to {new[name]}"
    for name in ("pattern", "format"):
        if name in new and new[name] != old.get(name):
            yield f"{path}: {name} was changed from {old.get(name, 'none')} to {new[name]}"


def _branches(root: Schema, schema: Schema) -> list[Schema]:
    resolved = _resolved(root, schema)
    if "anyOf" not in resolved:
        return [resolved]
    return [branch for one in resolved["anyOf"] for branch in _branches(root, one)]


def _resolved(root: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    named = root["$defs"][schema["$ref"].rpartition("/")[2]]
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**_resolved(root, named), **beside}


def _like(branch: Schema, others: list[Schema]) -> list[Schema]:
    same_kind = [other for other in others if _kind(other) == _kind(branch)]
    return same_kind or [other for other in others if _type(other) == _type(branch)]


def _kind(schema: Schema) -> str:
    if "enum" in schema or "const" in schema:
        return f"one of a list of {_type(schema)}s"
    return _type(schema)


def _type(schema: Schema) -> str:
    return str(schema.get("type", "anything"))

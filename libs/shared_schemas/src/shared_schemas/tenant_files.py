"""Reads tenants/*.yaml and the same configuration as JSON: whole, or every error at once.

A configuration that is refused changes nothing: the last good one stays in force.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from shared_schemas.tenant_changes import Change, changes_between
from shared_schemas.tenant_findings import Finding, FindingKind
from shared_schemas.tenant_rules import broken_rules, finding_of, near
from shared_schemas.tenant_yaml import LIMIT_BYTES, Document, read_yaml
from shared_schemas.tenant_yaml import Path as FieldPath
from shared_schemas.tenants import TenantConfiguration

VARIABLE_PREFIX: Final = "SIAGA_"
SCHEMA_FILE: Final = "tenant.schema.json"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LONGEST_SHOWN = 60


def read_tenant_file(path: Path, environment: Mapping[str, str]) -> TenantConfiguration | list[Finding]:
    """Read one tenant's file; `${SIAGA_…}` in its texts is filled from the environment.

    The answer is the configuration, or everything that is wrong with the file, in its order.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return [Finding(FindingKind.UNREADABLE, file=path.name, values={"reason": reason})]
    checked = read_tenant_text(content, environment)
    if isinstance(checked, TenantConfiguration) and checked.code != path.stem:
        line = read_yaml(content).line(("code",))
        checked = [Finding(FindingKind.OTHER_FILE_NAME, "code", line, values={"code": checked.code})]
    if isinstance(checked, TenantConfiguration):
        return checked
    return [replace(finding, file=path.name) for finding in checked]


def read_tenant_text(content: bytes, environment: Mapping[str, str]) -> TenantConfiguration | list[Finding]:
    """Read a configuration from YAML text, as `read_tenant_file` does, without a file's name."""
    document = read_yaml(content)
    if document.findings and document.value is None:
        return document.findings
    expansion = _Expansion(environment, [])
    value = expansion.of(document.value, ())
    checked = check_configuration(value)
    wrong = [*document.findings, *expansion.findings]
    if isinstance(checked, TenantConfiguration) and not wrong:
        return checked
    if isinstance(checked, list):
        # an address with a missing variable is not also a bad address
        known = {finding.field for finding in wrong}
        wrong += [finding for finding in checked if finding.field not in known]
    return sorted((_with_line(finding, document) for finding in wrong), key=lambda one: one.line or 0)


def check_configuration(value: object) -> TenantConfiguration | list[Finding]:
    """Check a configuration that came as JSON; the answer is it, or everything that is wrong with it."""
    if not isinstance(value, Mapping):
        return [Finding(FindingKind.NOT_A_MAPPING)]
    wrong = [*_unknown_keys(TenantConfiguration, value, ()), *broken_rules(value)]
    try:
        configuration = TenantConfiguration.model_validate_json(_as_json(value), strict=True)
    except ValidationError as error:
        wrong += _of_validation(error, wrong)
        return wrong
    except (ValueError, TypeError, RecursionError) as error:
        return [Finding(FindingKind.OTHER, values={"reason": str(error)})]
    return wrong or configuration


def check_together(configurations: Iterable[TenantConfiguration]) -> list[Finding]:
    """Check what must differ between tenants: abbreviations, and the queues of a shared exchange."""
    owners: dict[tuple[str, ...], str] = {}
    wrong: list[Finding] = []
    for configuration in configurations:
        for claim, field in _claims(configuration):
            owner = owners.setdefault(claim, configuration.code)
            if owner != configuration.code:
                values = {"value": " ".join(claim), "tenant": owner}
                wrong.append(
                    Finding(FindingKind.TAKEN, field, file=f"{configuration.code}.yaml", values=values)
                )
    return wrong


def as_plain(configuration: TenantConfiguration) -> dict[str, Any]:
    """Return a configuration as plain JSON values, the form in which it is kept, compared and sent."""
    return configuration.model_dump(mode="json")


def diff(old: TenantConfiguration | None, new: TenantConfiguration) -> list[Change]:
    """Return every difference between two configurations of a tenant; `None` has nothing yet."""
    return changes_between({} if old is None else as_plain(old), as_plain(new))


def tenant_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of tenants/*.yaml for editors: files may not hold unknown keys."""
    schema = TenantConfiguration.model_json_schema()
    for part in [schema, *schema.get("$defs", {}).values()]:
        if part.get("type") == "object":
            part["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


@dataclass(slots=True)
class _Expansion:
    """Fills variables into texts and notes those that cannot be filled."""

    environment: Mapping[str, str]
    findings: list[Finding]

    def of(self, value: object, path: FieldPath) -> object:
        if isinstance(value, dict):
            return {key: self.of(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self.of(one, (*path, index)) for index, one in enumerate(value)]
        if isinstance(value, str):
            return _VARIABLE.sub(lambda found: self._filled(found, path), value)
        return value

    def _filled(self, found: re.Match[str], path: FieldPath) -> str:
        name = found[1]
        if not name.startswith(VARIABLE_PREFIX):
            self._note(FindingKind.FOREIGN_VARIABLE, name, path)
            return found[0]
        value = self.environment.get(name, "")
        if not value:
            self._note(FindingKind.MISSING_VARIABLE, name, path)
            return found[0]
        return value

    def _note(self, kind: FindingKind, name: str, path: FieldPath) -> None:
        self.findings.append(Finding(kind, written_path(path), values={"name": name}))


def written_path(path: FieldPath) -> str:
    """Write a path as people read it: `agencies[0].contacts[1].url`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text


def _with_line(finding: Finding, document: Document) -> Finding:
    if finding.line is not None or not finding.field:
        return finding
    steps = re.findall(r"\[(\d+)\]|([^.\[\]]+)", finding.field)
    path = tuple(int(number) if number else name for number, name in steps)
    values = finding.values
    if finding.kind is FindingKind.NEEDS_QUOTES and path in document.written:
        values = {"value": document.written[path]}  # 53.10, where the number is 53.1
    return replace(finding, line=document.line(path), values=values)


def _claims(configuration: TenantConfiguration) -> Iterable[tuple[tuple[str, ...], str]]:
    yield ("abbreviation", configuration.abbreviation), "abbreviation"
    for index, trunk in enumerate(configuration.trunks):
        for number, queue in enumerate(trunk.queues):
            yield ("queue", trunk.exchange, queue), f"trunks[{index}].queues[{number}]"


def _unknown_keys(model: type[BaseModel], value: Mapping[str, object], path: FieldPath) -> Iterable[Finding]:
    for key, one in value.items():
        field = model.model_fields.get(key)
        if field is None:
            yield _unknown_key(key, model, path)
            continue
        inner = _model_in(field.annotation)
        if inner is not None:
            yield from _unknown_inside(inner, one, (*path, key))


def _unknown_inside(model: type[BaseModel], value: object, path: FieldPath) -> Iterable[Finding]:
    if isinstance(value, Mapping):
        yield from _unknown_keys(model, value, path)
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _unknown_inside(model, one, (*path, index))


def _unknown_key(key: str, model: type[BaseModel], path: FieldPath) -> Finding:
    field = written_path((*path, key))
    likely = near(key, model.model_fields)
    shown = key[:_LONGEST_SHOWN]
    if likely:
        return Finding(FindingKind.LIKELY_KEY, field, values={"key": shown, "likely": likely})
    return Finding(
        FindingKind.UNKNOWN_KEY, field, values={"key": shown, "known": ", ".join(model.model_fields)}
    )


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one)) is not None), None)


def _of_validation(error: ValidationError, known: list[Finding]) -> list[Finding]:
    fields = {finding.field for finding in known}
    found: list[Finding] = []
    for one in error.errors(include_url=False):
        field = written_path(one["loc"])
        if field in fields or (one["type"] == "value_error" and not one["loc"] and known):
            continue  # a rule of ours has said it better
        found.append(finding_of(one, field))
    return found


def _as_json(value: object) -> str:
    return json.dumps(value, allow_nan=False)

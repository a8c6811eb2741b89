"""Pages about doors, settings and rights, as Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service_kit.http.described import RIGHT
from service_kit.identity.grants import GRANTS, Action, Role, Scope
from service_kit.settings import ServiceSettings, variable_of

Part = dict[str, Any]
HEALTH = "health"
MARKS = {Scope.OWN: "own", Scope.ANY: "any", Scope.NEVER: "**never**", Scope.NOWHERE: ""}


@dataclass(frozen=True, slots=True)
class Described:
    """What a service shows of itself without running."""

    name: str
    api: Part
    settings: type[ServiceSettings]


def doors_page(described: list[Described]) -> str:
    """Return the page that tells each doorway of each service in one line."""
    lines = [
        "# HTTP doors",
        "",
        "Generated from the services by `make docs`; do not edit. In full: the OpenAPI 3.1 file of each service.",
        "",
        "What holds at every door: a bearer token of the directory (`POST /v1/tokens`), unless *right* says",
        "otherwise; `Idempotency-Key` on every change; `ETag` is the version, `If-Match` the version that one saw;",
        "errors are problems (RFC 9457); a foreign id looks exactly like an unknown one; a GET changes nothing.",
        "A right holds in the tenant of the path ([who has which](../rights.md)); where *any token* stands, the",
        "answer depends on whose it is.",
        "Each service also answers `/healthz`, `/readyz`, `/status`, `/version`, `/metrics` and `/openapi.json`.",
    ]
    for one in described:
        lines += ["", f"## {one.name}", "", f"[{one.name}.json]({one.name}.json)", ""]
        lines += ["| door | right | what it does |", "|---|---|---|", *_doors(one.api)]
    return "\n".join(lines) + "\n"


def _doors(api: Part) -> Iterator[str]:
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            if HEALTH not in operation.get("tags", ()):
                said = (
                    operation.get("description", "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
                )
                yield f"| `{method.upper()} {path}` | {_right(operation)} | {said} |"


def _right(operation: Part) -> str:
    if RIGHT in operation:
        return f"`{operation[RIGHT]}`"
    return "any token" if "security" in operation else "no token"


def settings_page(described: list[Described]) -> str:
    """Return the page that tells every environment variable that a service reads."""
    lines = [
        "# Settings",
        "",
        "Generated from the services by `make docs`; do not edit. Settings come from the environment; a service",
        "whose settings are wrong names every wrong one at once and ends with code 2.",
        "",
        "## Every service",
        "",
        *_settings_table(ServiceSettings, list(ServiceSettings.model_fields)),
    ]
    for one in described:
        own = [name for name in one.settings.model_fields if name not in ServiceSettings.model_fields]
        if own:
            lines += ["", f"## {one.name}", "", *_settings_table(one.settings, own)]
    return "\n".join(lines) + "\n"


def _settings_table(kind: type[ServiceSettings], names: list[str]) -> Iterator[str]:
    yield "| variable | default | meaning |"
    yield "|---|---|---|"
    for name in names:
        field = kind.model_fields[name]
        default = "must be given" if field.is_required() else _default(field.default)
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{variable_of(kind, (name,))}` | {default} | {meaning} |"


def _default(value: object) -> str:
    return "–" if value is None or value == "" else f"`{value}`"


def rights_page() -> str:
    """Return the page that tells which role may do what, and where."""
    lines = [
        "# Who may do what",
        "",
        "Generated from `service_kit.identity.grants` by `make docs`; do not edit.",
        "",
        "*own*: in the tenants that the account names. *any*: there too, and in every tenant for an account of all",
        "tenants; doors without a tenant in their path ask for this. *never*: not even by another role of the same",
        "account. A token lists tenants and roles; the path names one tenant; both are checked.",
        "",
        f"| right | {' | '.join(Role)} |",
        f"|---|{'---|' * len(Role)}",
        *(f"| `{right}` | {' | '.join(MARKS[GRANTS[role][right]] for role in Role)} |" for right in Action),
    ]
    return "\n".join(lines) + "\n"

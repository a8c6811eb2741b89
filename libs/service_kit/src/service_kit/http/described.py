"""An API's description (OpenAPI 3.1) says what every doorway shares: tokens, rights, keys, problems."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from service_kit.http.access import Granted, GrantedSomewhere, principal
from service_kit.http.commands import LONGEST_KEY, command
from service_kit.http.problems import MEDIA_TYPE, TYPE_PREFIX

Part = dict[str, Any]

RIGHT = "x-siaga-right"
"""Where an operation names the right that it asks for."""

_TOKEN: Part = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token of the directory (`POST /v1/tokens`), good for ten minutes.",
}
_PROBLEM: Part = {
    "type": "object",
    "title": "Problem",
    "description": "A request that cannot be served (RFC 9457): what is wrong, where, and what to do.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": f"`{TYPE_PREFIX}<kind>`, for programs."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
    },
    "additionalProperties": True,
}
_KEY: Part = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "The same for every repeat of one command; the second time answers the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}
_SEEN: Part = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": 'The version that you saw, such as `"7"`; another one now is a conflict.',
    "schema": {"type": "string"},
}
_OF_PEOPLE = {"401": "No token, or not valid (any more).", "503": "Away for now: send the same again."}
_OF_RIGHTS = {"403": "This account may not do this here."}
_OF_COMMANDS = {
    "404": "Unknown in this tenant; a foreign id looks the same.",
    "409": "Lost to a newer version (`current`), or not possible now (`allowed`).",
}
_INVALID = {"422": "The request does not fit; `errors` names each field."}


def describe(app: FastAPI) -> None:
    """Let the app's description tell what FastAPI cannot see."""
    plain = app.openapi

    def openapi() -> Part:
        fresh = app.openapi_schema is None
        made = plain()
        if fresh:
            _complete(made, app)
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(made: Part, app: FastAPI) -> None:
    parts = made.setdefault("components", {})
    parts.setdefault("securitySchemes", {})["token"] = _TOKEN
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    for operation, asked in _operations(made, app):
        _tell(operation, asked)


def _operations(made: Part, app: FastAPI) -> Iterator[tuple[Part, list[object]]]:
    """Give each described operation with everything that its doorway depends on."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema:
            asked = list(_dependencies(route.dependant))
            for method in sorted(route.methods or ()):
                yield made["paths"][context.path_format][method.lower()], asked


def _tell(operation: Part, asked: list[object]) -> None:
    answers = dict(_INVALID) if "422" in operation["responses"] else {}
    if principal in asked:
        operation["security"] = [{"token": []}]
        answers |= _OF_PEOPLE
    rights = [one.action.value for one in asked if isinstance(one, Granted | GrantedSomewhere)]
    if rights:
        operation[RIGHT] = rights[0]
        answers |= _OF_RIGHTS
    if command in asked:
        operation.setdefault("parameters", []).extend((_KEY, _SEEN))
        answers |= _OF_COMMANDS | _INVALID
    for status in sorted(answers):
        operation["responses"][status] = _problem(answers[status])


def _dependencies(dependant: Dependant) -> Iterator[object]:
    for one in dependant.dependencies:
        yield one.call
        yield from _dependencies(one)


def _problem(description: str) -> Part:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}

"""Every door of every service, read from the services' own descriptions, and how to knock at it.

A door that is added tomorrow is among them by itself; one with an id that nobody knows here is an error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from service_kit.clock import utc_now

TENANT = "tenant"
WITHOUT_OWNER = {"month", "version"}
"""What stands in a path and names nothing that belongs to anybody."""

NOT_OF_PEOPLE = {"/v1/tokens", "/r/{token}", "/v1/tenants/{tenant}/trunks/{trunk}/events"}
"""Doors that take another proof than a token: a password, a signed link, a trunk's signature."""

SAMPLES: Mapping[str, Any] = {"month": "2026-11", "version": "1", "incident_type": "structure_fire"}


@dataclass(frozen=True, slots=True)
class Door:
    """One method at one path, with the names of the ids that it takes."""

    service: str
    method: str
    path: str
    path_names: tuple[str, ...]
    query_names: tuple[str, ...]
    body: Mapping[str, Any] | None
    parts: Mapping[str, Any]

    @property
    def names_a_tenant(self) -> bool:
        """Whether the request says which tenant it is about."""
        return TENANT in (*self.path_names, *self.query_names)

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the ids in path and body, each once."""
        inside = _properties(self.body, self.parts) if self.body else {}
        named = [name for name in inside if name.endswith("_id")]
        owned = [name for name in self.path_names if name not in WITHOUT_OWNER | {TENANT}]
        return tuple(dict.fromkeys((*owned, *named)))

    def url(self, tenant: str, ids: Mapping[str, str]) -> str:
        """Return where to knock. KeyError: an id of a kind that the test has none of."""
        values = {name: SAMPLES.get(name) or ids[name] for name in self.path_names if name != TENANT}
        query = f"?{TENANT}={tenant}" if TENANT in self.query_names else ""
        return self.path.format(**values, **{TENANT: tenant}) + query

    def says(self, tenant: str, ids: Mapping[str, str]) -> Any:
        """Return the smallest body that fits."""
        if self.body is None:
            return None
        return _example(self.body, self.parts, {**SAMPLES, "tenants": [tenant], **ids})


def doors_of(service: str, app: FastAPI) -> Iterator[Door]:
    """Walk over the doors that take a token; one that is not described would be passed by, so there is none."""
    hidden = [one for one in iter_route_contexts(app.routes) if not _is_described(one.original_route)]
    assert [getattr(one.original_route, "path", "") for one in hidden] == ["/openapi.json"]
    described = app.openapi()
    parts = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            if told.get("security"):
                yield _door(service, method, path, told, parts)
            else:
                assert path in NOT_OF_PEOPLE or "health" in told.get("tags", ()) or path == "/v1/keys", path


def _is_described(route: object) -> bool:
    return isinstance(route, APIRoute) and route.include_in_schema


def _door(service: str, method: str, path: str, told: Mapping[str, Any], parts: Mapping[str, Any]) -> Door:
    named: dict[str, list[str]] = {"path": [], "query": []}
    for parameter in told.get("parameters", ()):
        named.setdefault(parameter["in"], []).append(parameter["name"])
    content = told.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema")
    return Door(service, method.upper(), path, tuple(named["path"]), tuple(named["query"]), body, parts)


def _properties(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_resolved(schema, parts).get("properties", {}))


def _resolved(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    return _resolved(parts[reference.rsplit("/", 1)[1]], parts) if reference else schema


def _example(schema: Mapping[str, Any], parts: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    known = _resolved(schema, parts)
    if "const" in known or "enum" in known:
        return known.get("const", known.get("enum", [None])[0])
    if known.get("type") == "object":
        required = known.get("required", ())
        inside = known.get("properties", {})
        return {
            name: given[name] if name in given else _example(inside[name], parts, given)
            for name in inside
            if name in required or name == "story"
        }
    plain = {"array": [], "integer": 1, "number": 1.0, "boolean": False, "null": None}
    if known.get("format") == "date-time":
        return utc_now().isoformat()
    return plain.get(known.get("type", ""), "sebab yang cukup")

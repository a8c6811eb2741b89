"""`siaga config`: every setting of every service, its default, what it means and what it is now."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siaga_cli import home
from siaga_cli.client import BadInput
from siaga_cli.commands.doorway import doorway
from siaga_cli.commands.options import json_option
from siaga_cli.commands.shown.tables import say, show_json, show_table
from siaga_cli.wording import text

if TYPE_CHECKING:
    from service_kit.settings import ServiceSettings

_PASSWORD = re.compile(r"//[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of one service.

    Attributes:
        default: what holds without the variable; None where the variable is needed.
        value: what holds now; None where nobody has set a needed one.
        origin: `run` (what `siaga run` gives), `environment` (of this terminal) or `default`.
    """

    service: str
    variable: str
    default: str | None
    description: str
    value: str | None
    origin: str

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {name: getattr(self, name) for name in self.__slots__}


def register(app: typer.Typer) -> None:
    """Offer `config`."""

    @app.command("config", help=text("Print the services' settings. Secrets are files and are never shown."))
    @doorway
    def config(
        service: Annotated[
            str | None, typer.Argument(metavar=text("[SERVICE]"), help=text("Only this service."))
        ] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        found = [one for name in _chosen(service) for one in settings_of(name)]
        if as_json:
            show_json({"items": [one.as_json() for one in found]})
        else:
            _show(found)


def _chosen(service: str | None) -> list[str]:
    from siaga_cli.run.environments import SERVICES

    if service is None:
        return list(SERVICES)
    if service not in SERVICES:
        known = ", ".join(SERVICES)
        raise BadInput(text("There is no service {name}. Known: {known}.", name=service[:40], known=known))
    return [service]


def settings_of(service: str) -> list[Setting]:
    """Return every setting of a service."""
    kind = _kind_of(service)
    given = _given_by_run(service)
    return [_setting(kind, service, name, given) for name in kind.model_fields]


def _kind_of(service: str) -> "type[ServiceSettings]":
    """Return the settings that a service reads: the one class that its `config` room defines."""
    from service_kit.settings import ServiceSettings
    from siaga_cli.run.environments import SERVICES

    room = import_module(f"{SERVICES[service]}.config")
    for value in vars(room).values():
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value is not ServiceSettings:
            return value
    return ServiceSettings


def _setting(kind: "type[ServiceSettings]", service: str, name: str, given: Mapping[str, str]) -> Setting:
    from service_kit.settings import variable_of

    field = kind.model_fields[name]
    variable = variable_of(kind, (name,))
    default = None if field.is_required() else _written(field.default)
    value, origin = default, "default"
    for source, values in (("run", given), ("environment", os.environ)):
        if variable in values:
            value, origin = _PASSWORD.sub("//…@", values[variable]), source
            break
    return Setting(service, variable, default, field.description or "", value, origin)


def _written(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _given_by_run(service: str) -> Mapping[str, str]:
    """Return what the system that runs here gave this service; nothing where none runs."""
    from siaga_cli.run.environments import Surroundings, service_environment
    from siaga_embedded.ports import Ports
    from siaga_embedded.servers import written_servers

    data = home.data_folder()
    servers = written_servers(data)
    if servers is None:
        return {}
    ports = Ports(home.places().ports).known()
    around = Surroundings(data, home.checkout(), servers, ports, "", "")
    try:
        return service_environment(around, service)
    except KeyError:
        return {}


def _show(found: list[Setting]) -> None:
    origins = {"run": text("siaga run"), "environment": text("environment"), "default": text("default")}
    headings = [text("Variable"), text("Value"), text("From"), text("Default"), text("Meaning")]
    for service in dict.fromkeys(one.service for one in found):
        say(service)
        own = [one for one in found if one.service == service]
        rows = [
            [one.variable, _said(one.value), origins[one.origin], _said(one.default), one.description]
            for one in own
        ]
        show_table(headings, rows)
        say("")


def _said(value: str | None) -> str:
    if value is None:
        return text("(needed)")
    return value or "-"

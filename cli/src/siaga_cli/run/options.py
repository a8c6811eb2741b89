"""Reads what a person wrote behind `siaga run`."""

from collections.abc import Sequence
from pathlib import Path

import typer

from siaga_cli.wording import text

SWITCHES = {"on": True, "off": False}
HIGHEST_PORT = 65_535


def speed_of(written: str) -> str:
    """Return the speed as the demo's programs take it, or refuse it."""
    from siaga_demo.pace import SpeedUnreadable, read_speed

    try:
        return f"{read_speed(written):g}"
    except SpeedUnreadable as error:
        raise typer.BadParameter(text("--speed is a number above 0, or max")) from error


def switch_of(name: str, written: str) -> bool:
    """Return whether something is on, or refuse the word."""
    if written.lower() not in SWITCHES:
        raise typer.BadParameter(text("{name} is on or off", name=name))
    return SWITCHES[written.lower()]


def own_tenants_of(folder: Path | None, *, demo: bool, until_replayed: bool) -> Path | None:
    """Return the folder of a centre's own tenants, None with the demo, or refuse what does not go together."""
    if demo:
        if folder is not None:
            raise typer.BadParameter(text("--tenants goes with --demo off: the demo brings its own tenants"))
        return None
    if until_replayed:
        raise typer.BadParameter(text("--until-replayed needs the demo: leave it out, or --demo on"))
    if folder is None:
        raise typer.BadParameter(
            text("--demo off needs --tenants FOLDER with your own files; tenants/53.03.yaml is an example")
        )
    if not any(folder.glob("*.yaml")):
        raise typer.BadParameter(
            text("--tenants {folder}: no file named like 53.03.yaml is there", folder=folder)
        )
    return folder


def ports_of(written: Sequence[str]) -> dict[str, int]:
    """Return ports by program, or refuse the first that is not `name=number`."""
    from siaga_cli.run.environments import PORTS

    ports: dict[str, int] = {}
    for one in written:
        name, _, number = one.partition("=")
        if name not in PORTS or not number.isdigit() or not 0 < int(number) <= HIGHEST_PORT:
            names = ", ".join(PORTS)
            raise typer.BadParameter(text("--port is name=number; names are {names}", names=names))
        ports[name] = int(number)
    return ports

"""Reads what a person wrote behind `siaga run`."""

from collections.abc import Sequence

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

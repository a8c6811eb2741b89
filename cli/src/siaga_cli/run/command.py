"""The command `siaga run`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from siaga_cli.run.options import own_tenants_of, ports_of, speed_of, switch_of
from siaga_cli.wording import text

REFUSED = 1


def register(app: typer.Typer) -> None:
    """Add `run` to the commands."""
    app.command("run", help=text("Start everything on this machine and watch it."))(run)


def run(
    speed: Annotated[
        str, typer.Option(help=text("How much faster than real; max for as fast as possible."))
    ] = "10",
    replay: Annotated[str, typer.Option(help=text("on or off: replay the recorded hour."))] = "on",
    demo: Annotated[
        str, typer.Option(help=text("on or off: run the demo's tenants, people and agencies."))
    ] = "on",
    tenants: Annotated[
        Path | None, typer.Option(help=text("With --demo off: the folder of your own tenants' files."))
    ] = None,
    port: Annotated[
        list[str], typer.Option(metavar=text("NAME=PORT"), help=text("A fixed port, such as intake=8112."))
    ] = [],  # noqa: B006 - Typer reads it once
    *,
    until_replayed: Annotated[
        bool, typer.Option("--until-replayed", help=text("End when all is done."))
    ] = False,
    board: Annotated[bool, typer.Option("--board/--no-board", help=text("Show the board."))] = True,
) -> None:
    """Start broker, store, services and, unless told otherwise, the demo; Ctrl-C ends them all."""
    from siaga_cli.run.session import Options, Session
    from siaga_embedded.refusal import Refusal

    options = Options(
        speed=speed_of(speed),
        replay=switch_of("--replay", replay),
        own_tenants=own_tenants_of(tenants, demo=switch_of("--demo", demo), until_replayed=until_replayed),
        until_replayed=until_replayed,
        board=board,
        ports=ports_of(port),
    )
    try:
        asyncio.run(Session(options, Console()).run())
    except Refusal as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(int(refusal.exit_code)) from None

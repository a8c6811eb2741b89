"""`siaga rebuild statistics`: the figures once more from the log, and whether they are the same."""

from collections.abc import Callable
from typing import Annotated

import typer

from siaga_cli.client import Answer, CommandRefused, NotUnderstood, Services, segment
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option
from siaga_cli.commands.shown.tables import say, show_json
from siaga_cli.wording import text

LOOK_EVERY_SECONDS = 0.5
NOT_EQUAL = 1
RUNNING, DONE = "running", "done"


class NotRebuilt(CommandRefused):
    """The rebuild failed; the figures that are shown stay as they were."""

    exit_code = NOT_EQUAL


def register(app: typer.Typer) -> None:
    """Offer `rebuild`."""
    group = typer.Typer(help=text("Build what follows from the log once more."), no_args_is_help=True)

    @group.callback()
    def rebuild() -> None:
        """Keep the command's name, also while there is only one."""

    @group.command("statistics", help=text("Build the monthly figures again and say whether they are equal."))
    @doorway
    def statistics(context: typer.Context, as_json: Annotated[bool, json_option()] = False) -> None:
        with reception(context, administrator=True) as services:
            done = _rebuild(services, (lambda _: None) if as_json else _tell_progress)
        if as_json:
            show_json(done)
        _judge(done, quiet=as_json)

    app.add_typer(group, name="rebuild")


def _rebuild(services: Services, tell: Callable[[int], None]) -> Answer:
    """Start a rebuild and follow it to its end; Ctrl-C leaves it running."""
    rebuild = services.change("POST", "statistics", "/v1/rebuild")
    if not isinstance(rebuild.get("id"), str):
        raise NotUnderstood("statistics")
    told = -1
    while rebuild.get("status") == RUNNING:
        services.world.wait(LOOK_EVERY_SECONDS)
        rebuild = services.get("statistics", f"/v1/rebuild/{segment(rebuild['id'])}")
        read = rebuild.get("read")
        if isinstance(read, int) and read != told:
            told = read
            tell(read)
    return rebuild


def _tell_progress(count: int) -> None:
    say(text("{count} events read", count=count))


def _judge(done: Answer, *, quiet: bool) -> None:
    if done.get("status") != DONE:
        failure = str(done.get("failure") or "-")
        raise NotRebuilt(
            text("The rebuild failed ({failure}); the figures stay as they were.", failure=failure)
        )
    if done.get("equal") is True:
        if not quiet:
            say(text("Done: {count} events give the same figures.", count=done.get("read", "?")))
        return
    if not quiet:
        say(
            text(
                "Done, but NOT equal: {count} calls or tickets differ. The rebuilt figures are shown now.",
                count=done.get("differing", "?"),
            )
        )
    raise typer.Exit(NOT_EQUAL)

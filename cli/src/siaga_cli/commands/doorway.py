"""Every command's doorway: whatever cannot be done ends as one sentence and an exit code, never as a traceback."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import typer

from siaga_cli import home
from siaga_cli.client import CommandRefused, Services, World
from siaga_cli.client.services import open_services
from siaga_cli.wording import text

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
BROKEN_EXIT_CODE = 1
CLI_LOG = "siaga-cli.log"


def doorway(command: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let a command end in one sentence when it cannot be done."""

    @wraps(command)
    def guarded(*args: Given.args, **options: Given.kwargs) -> Answer:
        try:
            return command(*args, **options)
        except CommandRefused as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(refused.exit_code) from refused
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            typer.echo(_broken(error), err=True)
            raise typer.Exit(BROKEN_EXIT_CODE) from error

    return guarded


@contextmanager
def reception(context: typer.Context, *, administrator: bool = False) -> Iterator[Services]:
    """Open the services for one command; a test hands its own world over as the context's object.

    Commands about the platform as a whole sign in as this machine's administrator.
    """
    world = context.obj if isinstance(context.obj, World) else World()
    with open_services(world, administrator=administrator) as services:
        yield services


def _broken(error: Exception) -> str:
    """Write the whole story to a file and say where it is."""
    name = type(error).__name__
    try:
        log = _log()
        log.write_text(_story(error), encoding="utf-8", errors="replace")
    except OSError:
        return text("Something in this program broke ({name}).", name=name)
    return text("Something in this program broke ({name}); the story is in {log}.", name=name, log=log)


def _story(error: Exception) -> str:
    """Tell where it broke, without the error's own words: they may hold what a person typed."""
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__name__, "\n"])


def _log() -> Path:
    folder = home.data_folder() / "logs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / CLI_LOG

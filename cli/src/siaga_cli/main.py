"""The command `siaga`: gathers its commands and hands over."""

import pkgutil
from importlib import import_module

import typer

from siaga_cli import commands
from siaga_cli.commands.spoken import let_it_speak
from siaga_cli.run.command import register as register_run
from siaga_cli.wording import text

app = typer.Typer(
    help=text("Siaga 112: the emergency number's platform, from a terminal."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


@app.callback()
def siaga() -> None:
    """Keep the commands' names, also while there is only one."""


def register_all(into: typer.Typer) -> None:
    """Let `run` and every module of `siaga_cli.commands` add what it offers (`register(app)`)."""
    register_run(into)
    for found in pkgutil.iter_modules(commands.__path__):
        module = import_module(f"{commands.__name__}.{found.name}")
        if hasattr(module, "register"):
            module.register(into)


register_all(app)
let_it_speak(app)


if __name__ == "__main__":
    app()

"""Typer's own words in the person's language: headings of the help, and what is wrong with arguments.

Typer says some things in English and offers no catalogue for them; what is printed is taken at the
places where it comes out, and said again.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from siaga_cli.wording import text

_NAMED = re.compile(r"'([^']{1,200})'")


def _spoken(help_text: str) -> str:
    """Say a help text's fixed English parts in the person's language."""
    for heading, said in _headings().items():
        help_text = re.sub(rf"^{heading}:", f"{said}:", help_text, flags=re.MULTILINE)
    for phrase, said in _phrases().items():
        help_text = help_text.replace(phrase, said)
    return re.sub(r" <list\[\w+\]>", "", help_text)


def _headings() -> Mapping[str, str]:
    return {
        "Usage": text("Usage"),
        "Options": text("Options"),
        "Arguments": text("Arguments"),
        "Commands": text("Commands"),
    }


def _phrases() -> Mapping[str, str]:
    return {
        "Show this message and exit.": text("Show this message and exit."),
        "[required]": text("[required]"),
        "[OPTIONS]": text("[OPTIONS]"),
        "COMMAND [ARGS]": text("COMMAND [ARGS]"),
        "[default: ": text("[default: "),
    }


class SpokenCommand(TyperCommand):
    """A command whose help is in one language."""

    def get_help(self, ctx: Any) -> str:
        """Return the help in the person's language."""
        return _spoken(super().get_help(ctx))


class SpokenGroup(TyperGroup):
    """A group of commands whose help and refusals are in one language."""

    def get_help(self, ctx: Any) -> str:
        """Return the help in the person's language."""
        return _spoken(super().get_help(ctx))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run; what is wrong with the arguments is one sentence, exit code 2."""
        try:
            result = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.Abort:
            sys.exit(1)
        except Exception as error:
            if not standalone_mode or not hasattr(error, "format_message"):
                raise
            typer.echo(refusal_of(error), err=True)
            sys.exit(getattr(error, "exit_code", 2))
        if standalone_mode:
            sys.exit(result if isinstance(result, int) else 0)
        return result


def refusal_of(error: Any) -> str:
    """Say what is wrong with the arguments, and where to read more."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(error.format_message())
    say = _SAYINGS.get(kind, _of_usage)
    sentence = _ended(say(error))
    context = getattr(error, "ctx", None)
    if context is None:
        return sentence
    return f"{sentence} " + text("See: {command} --help", command=context.command_path)


def _ended(sentence: str) -> str:
    """Return a sentence with its full stop."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _name_of(error: Any) -> str:
    """Return the option or argument as a person types it."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "?"
    options = [one for one in getattr(parameter, "opts", ()) if one.startswith("-")]
    return max(options, key=len) if options else str(parameter.metavar or parameter.name).upper()


def _missing(error: Any) -> str:
    return text("{name} is missing.", name=_name_of(error))


def _bad(error: Any) -> str:
    if error.param is None and error.param_hint is None:
        return str(error.message)
    choices = getattr(getattr(error.param, "type_descriptor", None), "choices", None)
    if choices:
        known = ", ".join(map(str, choices))
        return text("{name} must be one of: {known}.", name=_name_of(error), known=known)
    return text("{name} cannot be used as it is written.", name=_name_of(error))


def _no_such_option(error: Any) -> str:
    near = ", ".join(sorted(error.possibilities or ()))
    if near:
        return text("There is no option {name}; did you mean {near}?", name=error.option_name, near=near)
    return text("There is no option {name}.", name=error.option_name)


def _bad_option(error: Any) -> str:
    return text("{name} needs a value.", name=error.option_name)


def _of_usage(error: Any) -> str:
    """Say what Typer tells only as an English sentence."""
    message = str(error.format_message())
    named = _NAMED.findall(message)
    if message.startswith("No such command") and named:
        near = ", ".join(named[1:])
        if near:
            return text("There is no command {name}; did you mean {near}?", name=named[0], near=near)
        return text("There is no command {name}.", name=named[0])
    if message.startswith("Missing command"):
        return text("Say which command.")
    if message.startswith("Got unexpected extra argument"):
        return text("There is more than expected: {what}", what=message.rpartition("(")[2].rstrip(")"))
    return text("These arguments cannot be used: {message}", message=message)


_SAYINGS: Mapping[str, Callable[[Any], str]] = {
    "MissingParameter": _missing,
    "BadParameter": _bad,
    "NoSuchOption": _no_such_option,
    "BadOptionUsage": _bad_option,
}


def let_it_speak(app: typer.Typer) -> None:
    """Let an app and all that it offers speak one language."""
    app.info.cls = SpokenGroup
    for command in app.registered_commands:
        command.cls = SpokenCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            group.cls = SpokenGroup
            let_it_speak(group.typer_instance)

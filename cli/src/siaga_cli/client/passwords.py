"""New passwords: from a file, asked at the terminal, or made here; never on a command line, never printed."""

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path

from service_kit.secrets import write_private
from siaga_cli.client.addresses import password_in
from siaga_cli.client.refusals import Away, BadInput, CommandRefused, Refused
from siaga_cli.wording import text

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on paper."""
GROUPS, GROUP_LENGTH = 5, 4


def made() -> str:
    """Return a password that nobody can guess and everybody can copy from paper (99 bits)."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def asked() -> str:
    """Ask at the terminal, twice and unseen. Raises BadInput."""
    if not is_terminal():
        raise BadInput(text("--ask needs a terminal to ask at; a program gives --password-file."))
    first = getpass(text("New password: "))
    if getpass(text("Once more: ")) != first:
        raise BadInput(text("The two passwords differ; nothing was changed."))
    return first


def is_terminal() -> bool:
    """Tell whether somebody sits there to be asked."""
    return sys.stdin.isatty()


def new_password(file: Path | None, *, ask: bool) -> str | None:
    """Return the password that a person gives, None where one shall be made. Raises BadInput."""
    if file is not None and ask:
        raise BadInput(text("Either --password-file or --ask, not both."))
    if file is not None:
        return password_in(file.absolute())
    return asked() if ask else None


@contextmanager
def kept_in(files: Sequence[Path], password: str) -> Iterator[None]:
    """Keep a password in files of mode 0600, once what happens inside has made it good.

    It is on disk before anybody is asked to take it, so that nobody is ever locked out: refused, it goes
    away again; where it is not known what happened, the drafts stay and are named.

    Raises:
        BadInput: a file cannot be written; nothing was asked.
        Away: it is not known whether the password was taken.
    """
    drafts = [file.with_name(f"{file.name}.new") for file in files]
    try:
        for draft in drafts:
            _write(draft, password)
        yield
    except (Refused, BadInput):
        for draft in drafts:
            draft.unlink(missing_ok=True)
        raise
    except CommandRefused as unknown:
        if not drafts:
            raise
        told = text(
            "Whether the new password counts is not known; it stands in {files}.",
            files=", ".join(map(str, drafts)),
        )
        raise Away(f"{unknown} {told}") from unknown
    for draft, file in zip(drafts, files, strict=True):
        draft.replace(file)


def _write(draft: Path, password: str) -> None:
    try:
        draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.unlink(missing_ok=True)
        write_private(draft, f"{password}\n".encode())
    except (OSError, UnicodeEncodeError) as error:
        raise BadInput(text("{file} cannot be written; nothing was changed.", file=draft)) from error

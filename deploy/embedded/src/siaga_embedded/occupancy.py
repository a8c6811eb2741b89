"""One running system per data folder: a second `make run` on the same checkout is told who is first."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from siaga_embedded.places import DataNotUsable, Places
from siaga_embedded.refusal import ExitCode, Refusal


class AlreadyRunning(Refusal):
    """Another process runs Siaga from this data folder."""

    exit_code = ExitCode.ALREADY_RUNNING


@contextmanager
def occupy(places: Places) -> Iterator[None]:
    """Hold the data folder for as long as the block lasts; the kernel lets go if we are killed."""
    places.make()
    with _opened(places) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise _already_running(places) from taken
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


def _opened(places: Places) -> TextIO:
    try:
        return places.lock.open("a+", encoding="utf-8")
    except OSError as error:
        raise DataNotUsable(places.data, error) from error


def _already_running(places: Places) -> AlreadyRunning:
    who = places.lock.read_text(encoding="utf-8").strip() or "?"
    return AlreadyRunning(
        f"Siaga sudah berjalan dari {places.data} (proses {who}): pakai yang itu, atau hentikan dengan Ctrl-C di terminalnya.",
        f"Siaga is already running from {places.data} (process {who}): use that one, or stop it with Ctrl-C in its terminal.",
    )

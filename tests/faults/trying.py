"""One run of one promise, whatever becomes of it: it held, was broken, ended early, or was not possible here."""

import asyncio
import json
import os
import shutil
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.faults.checker import Violation, violations
from tests.faults.history import History
from tests.faults.promises.promise import CannotBeTried, Promise
from tests.faults.report import Tried
from tests.faults.running import run
from tests.faults.setting import Setting

CUT_OFF = "cut off"
REST_WITHIN = 1200.0
"""Seconds that everything beside the calls takes at most: the start, coming to rest, and reading all sides."""
Say = Callable[[str], None]


def try_once(promise: Promise, setting: Setting, say: Say) -> Tried:
    """Try a promise once; a run that ends early is a broken one, and takes no other run along."""
    say(f"promise {promise.number}: {promise.sentence} (again: make faults {_again(promise, setting)})")
    with tempfile.TemporaryDirectory(prefix="siaga-faults-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        try:
            tried = _tried(promise, setting, home, say)
        except CannotBeTried as error:
            tried = not_tried(promise, setting, str(error))
        except Exception as error:
            say("".join(traceback.format_exception(error)))
            tried = Tried(promise, setting, violations=(Violation(CUT_OFF, _in_words(error)),))
        if kept := os.environ.get("KEEP"):
            _keep(home, tried.history, Path(kept) / f"promise-{promise.number}-seed-{setting.seed}", say)
    for one in tried.violations:
        say(str(one))
    if tried.not_tried:
        say(f"promise {promise.number} is not tried here: {tried.not_tried}")
    return tried


def not_tried(promise: Promise, setting: Setting, why: str) -> Tried:
    """Return what there is to say of a run that there was not."""
    return Tried(promise, setting, not_tried=why)


def _tried(promise: Promise, setting: Setting, home: Path, say: Say) -> Tried:
    history = asyncio.run(_ends(promise, setting, home, say))
    found = violations(history, promise.checks)
    if promise.planned(setting) and not history.faults:
        found = (Violation(CUT_OFF, "nothing of what was planned could be done to the system"), *found)
    return Tried(promise, setting, history, found, _told(promise, history))


async def _ends(promise: Promise, setting: Setting, home: Path, say: Say) -> History:
    """Let a run take its time, and not the time of those that come after it."""
    seconds = setting.storm_ends + setting.calm + REST_WITHIN
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await run(promise, setting, home, say)
    except TimeoutError as late:
        if limit.expired():
            raise TimeoutError(f"it had not ended after {seconds:.0f} s") from late
        raise


def _told(promise: Promise, history: History) -> tuple[str, ...]:
    try:
        return tuple(promise.tells(history)) if history.faults else ()
    except Exception as error:
        return (f"its figures could not be told: {_in_words(error)}",)


def _again(promise: Promise, setting: Setting) -> str:
    return (
        f"ONLY={promise.number} SEED={setting.seed} LENGTH={setting.length:g} "
        f"RATE={setting.calls_per_second:g} STORE={setting.store}"
    )


def _in_words(error: BaseException) -> str:
    """Name the first cause: a group of failures hides it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    where = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return f"the run ended early with {type(error).__name__}{f' in {where[-1]}' if where else ''}: {error}"


def _keep(home: Path, history: History, place: Path, say: Say) -> None:
    if not home.exists():
        return
    shutil.copytree(home, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("kafka", "store"))
    (place / "history.json").write_text(json.dumps(history.as_json(), indent=1), encoding="utf-8")
    say(f"logs and what else the run left are kept in {place}")

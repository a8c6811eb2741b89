"""Promise 6, over every test run: nothing anywhere uses a weak guarantee (tests/witness).

This process and each program that a test starts are heard from their first line; a run in which one of
them asked for less than the rules say is a failed run, whatever its tests said.
"""

import pytest

from tests.witness.verdict import Verdict
from tests.witness.watching import Watch, watch

WATCH = pytest.StashKey[Watch | None]()
VERDICT = pytest.StashKey[Verdict]()


def pytest_configure(config: pytest.Config) -> None:
    """Hear from now on."""
    config.stash[WATCH] = watch()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Judge what was heard, after all that the run started has ended."""
    watched = session.config.stash.get(WATCH, None)
    if watched is None:
        return
    session.config.stash[VERDICT] = verdict = watched.end()
    if verdict.sentences and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was heard, and every weak guarantee in its sentence."""
    verdict = config.stash.get(VERDICT, None)
    if verdict is None or not verdict.programs:
        return
    if verdict.sentences:
        terminalreporter.section("promise 6: weak guarantees", red=True)
    terminalreporter.write_line(str(verdict))
    for sentence in verdict.sentences:
        terminalreporter.write_line(sentence, red=True)

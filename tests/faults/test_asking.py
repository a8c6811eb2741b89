"""What a run's own log says of programs that ended."""

from tests.faults.asking import deaths
from tests.faults.history import Death

SAID = """\
triage is ready (3.1 s)
triage died (exit -9) and is started again
intake died (exit 70) and is started again
Everything is ready after 12.4 s.
"""


def test_every_death_is_read_with_its_exit() -> None:
    assert deaths(SAID) == (Death("triage", "-9"), Death("intake", "70"))

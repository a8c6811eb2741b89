"""Promise 6 in what `make run` runs: no program works unheard, and its own broker keeps every topic as promised.

What the programs asked of store and broker is judged with the whole run, at its end (tests/witness/whole_run.py).
"""

import asyncio
import os
from pathlib import Path

import pytest

from shared_schemas.topics import TOPICS
from siaga_cli.run.environments import SERVICES
from tests.e2e.system import System
from tests.witness.notes import read_notes
from tests.witness.topics import weak_topics
from tests.witness.verdict import judge
from tests.witness.watching import NAMED

pytestmark = pytest.mark.e2e


SAY_SOMETHING = frozenset(name for topic in TOPICS.values() for name in topic.producers)


def test_no_service_works_unheard(replayed: System) -> None:
    heard = read_notes(Path(os.environ[NAMED]))
    for name, program in SERVICES.items():
        verdict = judge(one for one in heard if one.program == program)
        assert min(verdict.commands, verdict.readers) > 0, (program, str(verdict))
        assert verdict.senders > 0 or name not in SAY_SOMETHING, (program, str(verdict))


def test_the_broker_keeps_every_topic_as_its_contract_says(replayed: System) -> None:
    assert asyncio.run(weak_topics(replayed.kafka_bootstrap)) == []

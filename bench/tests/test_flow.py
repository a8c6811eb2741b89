"""The steps of one call are counted one after the other."""

import time
from dataclasses import dataclass
from typing import cast

import pytest

from bench.beside.receiver import Receiver
from bench.desk import Desk
from bench.flow import flow_of
from bench.wire import Answer

DECIDED = b'{"escalations": [{"at": "2026-11-24T00:00:00+00:00"}]}'


class Wire:
    async def ask(self, *_: object) -> Answer:
        return Answer(200, b"{}", 0.0)

    def close(self) -> None:
        """Hang up."""


class FakeDesk:
    token = ""

    def wire(self, _: str) -> Wire:
        return Wire()

    def path(self, rest: str) -> str:
        return rest

    async def report(self, _: Wire) -> tuple[str, Answer]:
        return "c", Answer(202, b"", 0.004)

    async def open(self, _: Wire, __: str) -> Answer:
        return Answer(201, b'{"ticket_id": "t"}', 0.010)

    async def escalate(self, *_: object) -> Answer:
        return Answer(200, DECIDED, 0.008)


@dataclass
class Agencies:
    """Asked so many seconds after the desk had its answer."""

    after: float

    async def until_asked(self, *_: object, within: float) -> float:
        assert within
        return time.time() + self.after


@pytest.mark.parametrize(("after", "asked"), [(0.5, 0.5), (-0.2, 0.0)])
async def test_an_agency_waits_from_the_desks_answer_on_and_never_less_than_nothing(
    after: float, asked: float
) -> None:
    flow = await flow_of(cast("Desk", FakeDesk()), cast("Receiver", Agencies(after)))
    assert flow.asked == pytest.approx(asked, abs=0.05)
    assert flow.whole == pytest.approx(0.022 + flow.on_desk + asked, abs=0.05)

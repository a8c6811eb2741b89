"""What a lying endpoint may do to nobody but itself is seen by the checks; and each endpoint tells every lie once."""

import asyncio
import heapq
from dataclasses import asdict, replace
from itertools import count, pairwise
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from bench.takers import Escalated
from tests.faults.checks.lies import CHECKS, MOST_MORE_BYTES
from tests.faults.good_history import GOOD, INPUTS, STATES, TENANT, broken, delivery, request, response, task
from tests.faults.history import Fault, History
from tests.faults.liars import INWARDS, Liars, Lie, Lied
from tests.faults.lying import endpoints_lie, lies
from tests.faults.noted import FOLLOWED, LIES_TOLD, LYING_AGENCY, MEMORY
from tests.faults.promises.endpoints_lie import LIARS_INCIDENT, mostly_for_the_liar
from tests.faults.promises.promise import Stage
from tests.faults.setting import Setting

LIAR, HONEST = f"/{TENANT}/{LYING_AGENCY}/posko", "damkar"
LYING = Fault(LIAR, Lie.SILENT, 200.0, 240.0)


def lied(began: float, message: str = "d1") -> Lied:
    return Lied(LIAR, Lie.SILENT, message, began, began + 5)


def noted(*told: Lied, followed: int = 0, more_bytes: int = 0) -> dict[str, Any]:
    return {
        LIES_TOLD: [asdict(one) for one in told],
        FOLLOWED: followed,
        MEMORY: [(150.0, 1000), (210.0, 1000 + more_bytes)],
    }


ASKED_TWICE = (lied(201.0), lied(202.0))


def escalated(ticket: str, at: float, agency: str) -> Escalated:
    return Escalated(ticket, at, (agency,), f"e-{ticket}", "c1", TENANT)


def asked(ticket: str, at: float, agency: str) -> Any:
    return replace(request(at, message_id=f"d-{ticket}", agency=agency), ticket_id=ticket)


HELD = replace(
    GOOD,
    inputs=replace(
        INPUTS,
        escalated=(
            escalated("t-quiet", 100.0, HONEST),
            escalated("t-storm", 210.0, HONEST),
            escalated("t-liar", 210.0, LYING_AGENCY),
        ),
    ),
    requests=(
        asked("t-quiet", 100.1, HONEST),
        asked("t-storm", 210.1, HONEST),
        replace(asked("t-liar", 222.0, "pmi"), delivery_id="d-pmi"),
    ),
    states=replace(
        STATES,
        responses=(
            response(
                task(task_id="k-liar", escalation_id="e-t-liar", agency=LYING_AGENCY),
                task(task_id="k-pmi", escalation_id="e-t-liar", agency="pmi", stands_in_for="k-liar"),
            ),
        ),
        deliveries=(delivery(), delivery(delivery_id="d-pmi", task_id="k-pmi", ticket_id="t-liar")),
    ),
    faults=(LYING,),
    noted=noted(*ASKED_TWICE, lied(207.0)),
)


def test_a_run_that_held_breaks_nothing() -> None:
    assert broken(CHECKS, HELD) == []


@pytest.mark.parametrize(
    ("history", "kind"),
    [
        (
            replace(HELD, requests=(*HELD.requests[:1], asked("t-storm", 210.3, HONEST), HELD.requests[2])),
            "others",
        ),
        (replace(HELD, noted=noted(lied(201.0), lied(202.0), lied(213.0))), "breaker"),
        (replace(HELD, noted=noted(*ASKED_TWICE, more_bytes=MOST_MORE_BYTES + 1)), "memory"),
        (replace(HELD, noted=noted(*ASKED_TWICE, followed=1)), "redirects"),
        (replace(HELD, noted=noted(*ASKED_TWICE, lied(203.0, "d9"))), "ids"),
        (replace(HELD, requests=HELD.requests[:2]), "ladder"),
    ],
)
def test_each_harm_is_named(history: History, kind: str) -> None:
    assert broken(CHECKS, history) == [kind]


def test_where_every_endpoint_was_asked_too_rarely_nothing_is_shown_of_a_breaker() -> None:
    rarely = noted(lied(201.0), lied(213.0))
    assert broken(CHECKS, replace(HELD, noted=rarely)) == ["breaker"]
    other = replace(LYING, program="/53.04/dinkes/posko")
    often = [replace(one, endpoint=other.program) for one in ASKED_TWICE]
    both = noted(lied(201.0), lied(213.0), *often)
    assert broken(CHECKS, replace(HELD, faults=(LYING, other), noted=both)) == []


def test_each_endpoint_tells_every_lie_once_and_a_seed_repeats() -> None:
    told = lies(7, ("/a", "/b"), begins=10, ends=70)
    assert told == lies(7, ("/a", "/b"), begins=10, ends=70)
    for endpoint in ("/a", "/b"):
        own = [one for one in told if one.endpoint == endpoint]
        assert {one.lie for one in own} == set(Lie)
        assert own[0].at == 10
        assert {round(one.until - one.at, 6) for one in own} == {round(10 * 3 / 7, 6)}
        assert {round(after.at - before.at, 6) for before, after in pairwise(own)} == {10}


class Told:
    """A clock that jumps to whoever wants to wake first, and a note of what endpoints were told when."""

    def __init__(self) -> None:
        self.second = 0.0
        self.told: dict[str, list[tuple[float, Lie | None]]] = {}
        self._numbers = count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    async def until(self, second: float) -> None:
        wakes = asyncio.Event()
        heapq.heappush(self._sleepers, (second, next(self._numbers), wakes))
        await wakes.wait()

    def tell(self, endpoint: str, lie: Lie | None) -> None:
        self.told.setdefault(endpoint, []).append((self.second, lie))

    async def run(self, acts: asyncio.Task[None]) -> None:
        while not acts.done():
            await asyncio.wait({acts}, timeout=0)
            if self._sleepers:
                self.second, _, wakes = heapq.heappop(self._sleepers)
                wakes.set()
        await acts


async def test_each_endpoint_is_honest_again_as_soon_as_a_lie_is_over() -> None:
    heard, injector = Told(), SimpleNamespace(done=[])
    load = SimpleNamespace(clock=heard, liars=heard, tenants=[SimpleNamespace(code=TENANT)])
    setting = Setting(seed=7, quiet=10.0, length=70.0)
    stage = cast("Stage", SimpleNamespace(setting=setting, load=load, injector=injector))
    await heard.run(asyncio.create_task(endpoints_lie(stage)))
    expected = lies(7, (LIAR,), begins=10.0, ends=80.0)
    assert heard.told == {
        LIAR: [told for one in expected for told in ((one.at, one.lie), (one.until, None))],
    }
    assert [one.kind for one in injector.done] == [one.lie for one in expected]


class Honest:
    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert await receive()
        self.paths.append(scope["path"])
        await send({})


@pytest.mark.parametrize("lie", [None, *Lie])
async def test_an_endpoint_lies_as_it_was_told_and_is_honest_else(
    lie: Lie | None, unused_tcp_port: int
) -> None:
    honest = Honest()
    liars = Liars(honest)
    liars.tell("/53.03/dinkes/posko", lie)
    base = f"http://127.0.0.1:{unused_tcp_port}"
    async with liars.served(unused_tcp_port), httpx.AsyncClient(base_url=base, trust_env=False) as client:
        said = await _asked(client, "/53.03/dinkes/posko")
        assert await _asked(client, "/53.03/dinkes/piket") == "202"
        assert await _asked(client, f"{INWARDS}/x") == "202"
    expected = {None: "202", Lie.FLOODS: "200", Lie.REDIRECTS: "307", Lie.RESETS: "ReadError"}
    assert said == expected.get(lie, "RemoteProtocolError" if lie is Lie.BABBLES else "TimeoutError")
    assert ("/53.03/dinkes/posko" in honest.paths) == (lie in {None, Lie.FLOODS})
    assert liars.followed == 1


async def _asked(client: httpx.AsyncClient, path: str) -> str:
    """Ask as the notifier does: a little of the answer is enough, and there is an end to waiting."""
    try:
        async with asyncio.timeout(1.5), client.stream("POST", path, json={"a": 1}) as answer:
            return str(answer.status_code)
    except (httpx.HTTPError, TimeoutError) as error:
        return type(error).__name__


def test_most_tickets_ask_who_lies_in_each_tenant_and_others_are_asked_too() -> None:
    calls = mostly_for_the_liar(Setting(seed=7, calls_per_second=5.0), 3)
    for tenant in range(3):
        own = [one.incident_type for one in calls if one.tenant == tenant and one.incident_type]
        assert 0.3 < own.count(LIARS_INCIDENT) / len(own) < 0.9
        assert len(set(own)) > 2

"""Properties: any order and any repeat end the same; silence always ends at a person."""

import asyncio
from datetime import timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.deeds import accept_gap, cancel, offer_again
from dispatch.domain.facts import Escalation, Fact, Reply, Ticket
from dispatch.domain.ladder import stand_in
from dispatch.domain.replies import hear_reply
from dispatch.domain.response import Response, Task
from dispatch.domain.settling import settle
from dispatch.domain.tickets import hear_ticket
from services.dispatch.tests.world import NOON, PLAN, World, reply, the, ticket
from shared_schemas.vocabulary import GapStatus, Priority, ReplyKind, ResponseStatus

SECOND = timedelta(seconds=1)
AGENCIES = ("damkar", "bpbd", "dinkes", "satpol_pp", "pmi", "pln")
FIRST = Escalation("escalation-1", 1, ("damkar", "dinkes"))
GOING = (ReplyKind.ACCEPTED, ReplyKind.EN_ROUTE, ReplyKind.ON_SCENE, ReplyKind.DONE)
HISTORY: tuple[Ticket, ...] = (
    ticket("damkar", "dinkes"),
    ticket(earlier=[FIRST]),
    ticket("pln", round_=2, earlier=[FIRST]),
)
"""A ticket's states, oldest first: escalated, told again, escalated again."""


def _story(task: Task) -> st.SearchStrategy[list[Reply]]:
    """One agency's own story: it goes on as far as it goes, or gives the task back."""
    goes = st.sets(st.sampled_from(GOING), max_size=4)
    gives_back = st.sets(st.sampled_from(GOING[:3]), max_size=3).map(lambda said: said | {ReplyKind.DECLINED})
    return st.one_of(goes, gives_back).flatmap(lambda kinds: _told(task, sorted(kinds)))


def _told(task: Task, kinds: list[ReplyKind]) -> st.SearchStrategy[list[Reply]]:
    """Give every word its own time by the agency's clock, which may be wrong."""
    words = [st.integers(0, 900).map(partial(_word, task, kind)) for kind in kinds]
    return st.tuples(*words).map(list)


def _word(task: Task, kind: ReplyKind, seconds: int) -> Reply:
    return reply(task, kind, after=seconds * SECOND)


def _tasks() -> list[Task]:
    """Every task that this ticket may get, stand-ins of the first one included."""
    response = hear_ticket(None, HISTORY[2], PLAN, NOON)
    assert response is not None
    damkar = the(response, "damkar")
    return [*response.tasks, stand_in(response, damkar, "bpbd"), stand_in(response, damkar, "satpol_pp")]


@st.composite
def _deliveries(draw: st.DrawFn) -> tuple[list[tuple[Fact, int]], list[int]]:
    """Facts with their sequences, and an order in which each comes at least once."""
    facts: list[tuple[Fact, int]] = [(one, number) for number, one in enumerate(HISTORY, 1)]
    for task in _tasks():
        facts += [(word, 1) for word in draw(_story(task))]
    once = draw(st.permutations(range(len(facts))))
    again = draw(st.lists(st.sampled_from(range(len(facts))), max_size=8))
    return facts, [*once, *again]


def _heard(facts: list[tuple[Fact, int]], order: list[int]) -> World:
    async def run() -> World:
        world = World()
        for number in order:
            await world.hear(*facts[number])
        return world

    return asyncio.run(run())


def _kept(world: World) -> Response:
    return asyncio.run(world.response())


@settings(max_examples=60)
@given(_deliveries())
def test_any_order_and_any_repeat_of_tickets_and_replies_end_the_same(
    delivery: tuple[list[tuple[Fact, int]], list[int]],
) -> None:
    facts, order = delivery
    newest_first = sorted(range(len(facts)), key=lambda number: number != len(HISTORY) - 1)
    assert _kept(_heard(facts, order)).tasks == _kept(_heard(facts, newest_first)).tasks


@settings(max_examples=60)
@given(_deliveries())
def test_no_closing_is_told_while_a_task_is_open_and_none_for_an_older_round(
    delivery: tuple[list[tuple[Fact, int]], list[int]],
) -> None:
    facts, order = delivery
    world = _heard(facts, order)
    rounds = [closing.round for closing in world.closings()]
    assert rounds == sorted(set(rounds))
    response = _kept(world)
    if response.has_ended:
        assert not [task for task in response.tasks if task.is_open or task.gap is GapStatus.OPEN]
        assert response.round in rounds
    else:
        assert response.round not in rounds


Move = tuple[str, int, ReplyKind]
moves = st.lists(
    st.tuples(
        st.sampled_from(("reply", "wait", "cancel", "gap", "offer", "priority")),
        st.integers(0, 5),
        st.sampled_from(ReplyKind),
    ),
    max_size=14,
)


def _moved(response: Response, move: Move, number: int) -> Response:
    what, which, kind = move
    now = NOON + number * 40 * SECOND
    task = response.tasks[which % len(response.tasks)]
    if what == "reply":
        return settle(hear_reply(response, reply(task, kind, after=now - NOON)), PLAN, now)
    if what == "priority":
        urgent = ticket("damkar", "dinkes", priority=list(Priority)[which % 4])
        return hear_ticket(response, urgent, PLAN, now) or response
    deeds = {
        "cancel": lambda: cancel(response, task.task_id, "x", PLAN, now),
        "gap": lambda: accept_gap(response, task.task_id, "x", PLAN, now),
        "offer": lambda: offer_again(response, task.task_id, None, PLAN, now),
    }
    done = deeds[what]() if what in deeds else response
    return settle(done if isinstance(done, Response) else response, PLAN, now)


@settings(max_examples=200)
@given(moves)
def test_whatever_happens_something_is_awaited_or_all_is_over(sequence: list[Move]) -> None:
    response = hear_ticket(None, ticket("damkar", "dinkes"), PLAN, NOON)
    for number, move in enumerate(sequence):
        assert response is not None
        response = _moved(response, move, number)
        open_tasks = [task for task in response.tasks if task.is_open]
        gaps = [task for task in response.tasks if task.gap is GapStatus.OPEN]
        assert response.has_ended == (not open_tasks and not gaps)
        assert (response.next_due_at is None) == response.has_ended
        assert all(task.due_at for task in open_tasks)
        now = NOON + number * 40 * SECOND
        assert settle(response, PLAN, now) == response


@settings(max_examples=100)
@given(moves)
def test_silence_always_ends_with_a_person_called_or_all_over(sequence: list[Move]) -> None:
    response = hear_ticket(None, ticket("damkar", "dinkes"), PLAN, NOON)
    for number, move in enumerate(sequence):
        assert response is not None
        response = _moved(response, move, number)
    assert response is not None
    for _ in range(40):
        if response.next_due_at is None or response.status is ResponseStatus.NEEDS_SUPERVISOR:
            break
        response = settle(response, PLAN, response.next_due_at)
    assert response.has_ended or response.status is ResponseStatus.NEEDS_SUPERVISOR


@settings(max_examples=100)
@given(st.sampled_from(AGENCIES), moves)
def test_a_deadline_that_was_met_lies_ahead_again(agency: str, sequence: list[Move]) -> None:
    response = hear_ticket(None, ticket(agency), PLAN, NOON)
    assert response is not None
    for number, move in enumerate(sequence):
        response = _moved(response, move, number)
        now = NOON + number * 40 * SECOND
        due = response.next_due_at
        assert due is None or due > now

"""One message from its first try to its end."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agency_notifier.domain.delivery import (
    TOLD_BY,
    Claim,
    Delivery,
    Fate,
    Try,
    begin,
    claim,
    make,
    renew,
    report,
    withdraw,
)
from agency_notifier.domain.response import Request
from agency_notifier.domain.schedule import MOST_TRIES
from service_kit.decisions import Changed, NotPossible
from shared_schemas.vocabulary import ContactChannel, DeliveryStatus

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
LEASE = timedelta(seconds=10)
WEBHOOK, EMAIL = ContactChannel.WEBHOOK, ContactChannel.EMAIL
BOTH = (WEBHOOK, EMAIL)
ME, OTHER = "me", "other"


def a_delivery(*channels: ContactChannel, stands: bool = True) -> Delivery:
    request = Request("id-1", "task-1", 1, "damkar", "posko", NOON, NOON + timedelta(minutes=1), stands)
    return make(
        request,
        tenant="53.03",
        ticket_id="ticket-1",
        channels=channels,
        claim=Claim(ME, NOON, NOON + LEASE),
        configuration_version=3,
    )


def went(fate: Fate, answer: str = "500", *, at: datetime = NOON) -> Try:
    return Try(fate, answer, at, timedelta(milliseconds=120))


def told(delivery: Delivery, made: Try, *, by: str = ME, now: datetime = NOON) -> Changed[Delivery]:
    changed = report(delivery, made=made, by=by, now=now, chance=0.5)
    assert isinstance(changed, Changed)
    return changed


def claimed(delivery: Delivery, *, now: datetime, by: str = ME) -> Delivery:
    changed = claim(delivery, by=by, now=now, lease=LEASE)
    assert isinstance(changed, Changed)
    return changed.state


def test_a_new_delivery_is_already_claimed_so_its_first_try_costs_no_second_write() -> None:
    delivery = a_delivery(*BOTH)
    assert delivery.claimed_by(ME)
    assert (delivery.status, delivery.channel, delivery.due_at) == ("waiting", WEBHOOK, NOON + LEASE)


def test_a_request_that_nobody_wants_any_more_is_withdrawn_from_the_start() -> None:
    delivery = a_delivery(*BOTH, stands=False)
    assert (delivery.status, delivery.due_at, delivery.claim) == (DeliveryStatus.WITHDRAWN, None, None)


def test_a_contact_without_an_address_fails_at_once() -> None:
    delivery = a_delivery()
    assert (delivery.status, delivery.due_at) == (DeliveryStatus.FAILED, None)
    assert begin(None, new=delivery) == Changed(delivery, "delivery.failed", TOLD_BY)


def test_a_delivery_that_is_there_is_not_made_again() -> None:
    delivery = a_delivery(*BOTH)
    assert begin(delivery, new=delivery) == NotPossible("already_made")


def test_a_success_ends_it() -> None:
    changed = told(a_delivery(*BOTH), went(Fate.DELIVERED, "200"))
    one = changed.state
    assert (changed.what, changed.topic, one.status) == ("delivery.delivered", TOLD_BY, "delivered")
    assert one.delivered_at == NOON + timedelta(milliseconds=120)
    assert (one.attempts[0].number, one.attempts[0].succeeded, one.attempts[0].took_ms) == (1, True, 120)
    assert (one.due_at, one.next_attempt_at) == (None, None)


def test_a_failure_waits_for_the_next_try_of_the_same_channel() -> None:
    one = told(a_delivery(*BOTH), went(Fate.AGAIN)).state
    assert (one.status, one.channel, one.next_attempt_at) == ("waiting", WEBHOOK, NOON + timedelta(seconds=2))
    assert one.claim is None


def test_after_five_tries_the_other_channel_begins_at_once_with_the_same_pattern() -> None:
    delivery, now, waits = a_delivery(*BOTH), NOON, []
    while delivery.is_waiting:
        delivery = told(delivery, went(Fate.AGAIN, at=now), now=now).state
        if delivery.next_attempt_at is not None:
            waits.append((delivery.channel, (delivery.next_attempt_at - now).total_seconds()))
            now = delivery.next_attempt_at
            delivery = claimed(delivery, now=now)
    assert waits == [
        *((WEBHOOK, seconds) for seconds in (2, 5, 10, 20)),
        *((EMAIL, seconds) for seconds in (0, 2, 5, 10, 20)),
    ]
    assert delivery.status is DeliveryStatus.FAILED
    assert [one.channel for one in delivery.attempts] == [WEBHOOK] * 5 + [EMAIL] * 5


def test_a_receiver_that_is_gone_for_good_fails_it_at_once() -> None:
    changed = told(a_delivery(*BOTH), went(Fate.GONE, "410"))
    assert (changed.what, changed.why, changed.state.status) == ("delivery.failed", "410", "failed")


def test_a_channel_that_cannot_be_used_gives_way_to_the_other_at_once() -> None:
    one = told(a_delivery(*BOTH), went(Fate.ELSEWHERE, "circuit_open")).state
    assert (one.channel, one.next_attempt_at) == (EMAIL, NOON)
    assert (one.attempts[0].succeeded, one.attempts[0].answer) == (False, "circuit_open")


def test_where_there_is_no_other_channel_the_same_is_tried_again_later() -> None:
    one = told(a_delivery(EMAIL), went(Fate.ELSEWHERE, "550")).state
    assert (one.channel, one.next_attempt_at) == (EMAIL, NOON + timedelta(seconds=2))


def test_a_withdrawn_delivery_stays_withdrawn_and_gains_the_attempt_that_was_under_way() -> None:
    withdrawn = withdraw(a_delivery(*BOTH))
    assert isinstance(withdrawn, Changed)
    one = told(withdrawn.state, went(Fate.DELIVERED, "200")).state
    assert (one.status, one.attempts[0].succeeded) == (DeliveryStatus.WITHDRAWN, True)


def test_what_has_ended_is_not_withdrawn() -> None:
    ended = told(a_delivery(*BOTH), went(Fate.DELIVERED)).state
    assert withdraw(ended) == withdraw(None) == NotPossible("not_waiting")


class TestClaims:
    def test_a_try_that_is_not_due_is_not_claimed(self) -> None:
        waiting = told(a_delivery(*BOTH), went(Fate.AGAIN)).state
        early = claim(waiting, by=ME, now=NOON + timedelta(seconds=1), lease=LEASE)
        assert early == NotPossible("not_due")

    def test_a_claim_is_saved_without_telling_anybody(self) -> None:
        waiting = told(a_delivery(*BOTH), went(Fate.AGAIN)).state
        now = NOON + timedelta(seconds=2)
        changed = claim(waiting, by=ME, now=now, lease=LEASE)
        assert isinstance(changed, Changed)
        assert (changed.topic, changed.state.claim) == (None, Claim(ME, now, now + LEASE))

    def test_a_claimed_try_is_nobody_elses_until_the_claim_runs_out(self) -> None:
        early = claim(a_delivery(*BOTH), by=OTHER, now=NOON + LEASE / 2, lease=LEASE)
        assert early == NotPossible("not_due")

    def test_a_try_that_nobody_reported_is_noted_and_made_again_at_once(self) -> None:
        changed = claim(a_delivery(*BOTH), by=OTHER, now=NOON + LEASE, lease=LEASE)
        assert isinstance(changed, Changed)
        one = changed.state
        assert (changed.what, changed.topic) == ("delivery.interrupted", TOLD_BY)
        assert [(tried.answer, tried.succeeded, tried.at) for tried in one.attempts] == [
            ("interrupted", False, NOON)
        ]
        assert one.claimed_by(OTHER)
        assert one.delivery_id == "id-1"

    def test_a_message_that_kills_its_senders_comes_to_an_end(self) -> None:
        delivery, now = a_delivery(WEBHOOK), NOON
        for _ in range(MOST_TRIES):
            now += LEASE
            delivery = claimed(delivery, now=now, by=OTHER)
        assert (delivery.status, delivery.claim) == (DeliveryStatus.FAILED, None)

    def test_who_lost_the_claim_cannot_renew_it(self) -> None:
        taken = claimed(a_delivery(*BOTH), now=NOON + LEASE, by=OTHER)
        assert renew(taken, by=ME, now=NOON + LEASE, lease=LEASE) == NotPossible("not_claimed")

    def test_who_lost_the_claim_reports_a_success_that_counts(self) -> None:
        taken = claimed(a_delivery(*BOTH), now=NOON + LEASE, by=OTHER)
        assert told(taken, went(Fate.DELIVERED)).state.status is DeliveryStatus.DELIVERED

    @pytest.mark.parametrize("fate", [Fate.AGAIN, Fate.ELSEWHERE, Fate.NEVER, Fate.GONE])
    def test_who_lost_the_claim_reports_a_failure_that_decides_nothing(self, fate: Fate) -> None:
        taken = claimed(a_delivery(*BOTH), now=NOON + LEASE, by=OTHER)
        one = told(taken, went(fate)).state
        assert replace(one, attempts=()) == replace(taken, attempts=())
        assert len(one.attempts) == 2


Step = tuple[str, Fate, float, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["report", "report", "report", "claim", "claim", "withdraw"]),
        st.sampled_from(
            [Fate.AGAIN, Fate.AGAIN, Fate.AGAIN, Fate.ELSEWHERE, Fate.NEVER, Fate.DELIVERED, Fate.GONE]
        ),
        st.floats(0, 40),
        st.floats(0, 1),
    ),
    max_size=60,
)


def stepped(delivery: Delivery, step: Step, now: datetime, by: str) -> Delivery:
    kind, fate, _, chance = step
    changed: Changed[Delivery] | NotPossible
    if kind == "report":
        changed = report(delivery, made=went(fate, at=now), by=by, now=now, chance=chance)
    elif kind == "claim":
        changed = claim(delivery, by=by, now=now, lease=LEASE)
    else:
        changed = withdraw(delivery)
    return changed.state if isinstance(changed, Changed) else delivery


@given(steps=STEPS, channels=st.sampled_from([BOTH, (EMAIL, WEBHOOK), (WEBHOOK,), (EMAIL,)]))
def test_whatever_happens_a_delivery_keeps_its_promises(
    steps: list[Step], channels: tuple[ContactChannel, ...]
) -> None:
    delivery, now, late = a_delivery(*channels), NOON, 0
    for step in steps:
        now += timedelta(seconds=step[2])
        before, delivery = delivery, stepped(delivery, step, now, ME)
        assert delivery.attempts[: len(before.attempts)] == before.attempts, "attempts are never rewritten"
        assert [one.number for one in delivery.attempts] == list(range(1, len(delivery.attempts) + 1))
        assert (delivery.due_at is None) is (not delivery.is_waiting), "what waits has a deadline"
        if not before.is_waiting:
            assert delivery.status is before.status, "an end is an end"
        late += step[0] == "report" and not before.claimed_by(ME)
        tries = Counter(one.channel for one in delivery.attempts)
        assert max(tries.values(), default=0) <= MOST_TRIES + late, "only a late word exceeds the pattern"

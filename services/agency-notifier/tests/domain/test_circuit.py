"""A failing endpoint is left alone for a while, then found out about by one try."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agency_notifier.domain.circuit import COUNTED_FOR, Circuit, answered, failed, permitted

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def after(*seconds: float) -> Circuit:
    """Return a circuit after failures at these seconds."""
    circuit = Circuit()
    for second in seconds:
        circuit = failed(circuit, at(second))
    return circuit


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_two_failures_leave_it_closed() -> None:
    assert permitted(after(0, 1), at(2)) is not None


def test_the_third_failure_in_a_row_within_a_minute_opens_it() -> None:
    circuit = after(0, 30, 59)
    assert circuit.is_open(at(59))
    assert permitted(circuit, at(60)) is None


def test_two_that_hung_open_it_and_so_do_one_that_hung_and_one_that_failed() -> None:
    once = failed(Circuit(), at(5), hung=True)
    assert permitted(once, at(6)) is not None
    assert failed(once, at(9), hung=True).is_open(at(9))
    assert failed(once, at(9)).is_open(at(9))


def test_a_success_in_between_starts_the_count_again() -> None:
    circuit = failed(answered(after(0, 1)), at(2))
    assert not circuit.is_open(at(2))
    assert permitted(circuit, at(3)) is not None


def test_after_15_seconds_one_probe_passes_and_no_second_one() -> None:
    circuit = after(0, 1, 2)
    assert permitted(circuit, at(16.9)) is None
    probing = permitted(circuit, at(17))
    assert probing is not None
    assert permitted(probing, at(17.1)) is None


def test_a_failed_probe_opens_it_for_15_seconds_more() -> None:
    probing = permitted(after(0, 1, 2), at(17))
    assert probing is not None
    circuit = failed(probing, at(22))
    assert permitted(circuit, at(36.9)) is None
    assert permitted(circuit, at(37)) is not None


def test_a_good_probe_closes_it() -> None:
    probing = permitted(after(0, 1, 2), at(17))
    assert probing is not None
    assert answered(probing) == Circuit()


def test_a_probe_that_never_reports_is_replaced() -> None:
    probing = permitted(after(0, 1, 2), at(17))
    assert probing is not None
    assert permitted(probing, at(31.9)) is None
    assert permitted(probing, at(32)) is not None


def test_a_failure_of_a_try_that_began_before_it_opened_does_not_lengthen_the_rest() -> None:
    circuit = failed(after(0, 1, 2), at(6))
    assert permitted(circuit, at(17)) is not None


@given(gaps=st.lists(st.floats(30.001, 600), min_size=1, max_size=20))
def test_failures_too_rare_for_three_in_a_minute_never_open_it(gaps: list[float]) -> None:
    moment, circuit = NOON, Circuit()
    for gap in gaps:
        moment += timedelta(seconds=gap)
        circuit = failed(circuit, moment)
        assert not circuit.is_open(moment)
        assert all(one > moment - COUNTED_FOR for one in circuit.failures)

"""Lines as an exchange writes them, and as it should not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.call import Call
from intake.domain.exchange_memory import MOST_LAST_ENDS, MOST_OPEN_CALLS, Memory
from intake.domain.facts import Caller, Exit, Fact, FactKind, Trunk
from intake.domain.queue_log import Exchange, Reading, Unreadable, read
from shared_schemas.vocabulary import CallOutcome, EndedBy

Replay = Callable[..., list[Reading]]
CallsOf = Callable[[list[Reading]], dict[str, Call]]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def only_fact(readings: list[Reading]) -> Fact:
    (told,) = readings[-1].told
    return told.fact


@pytest.mark.parametrize(
    ("line", "kind", "known"),
    [
        (b"ttu112|NONE|ENTERQUEUE||081200000026|1", FactKind.QUEUED, {"queue": "ttu112"}),
        (b"ttu112|P1|CONNECT|9|17.2|8", FactKind.ANSWERED, {"agent": "P1", "waiting": 9, "ringing": 8}),
        (b"ttu112|P1|COMPLETECALLER|9|49|1", FactKind.ENDED, {"talking": 49, "ended_by": EndedBy.CALLER}),
        (b"ttu112|P1|COMPLETEAGENT|9|49|1", FactKind.ENDED, {"talking": 49, "ended_by": EndedBy.AGENT}),
        (b"ttu112|NONE|ABANDON|2|2|7", FactKind.ABANDONED, {"waiting": 7, "agent": ""}),
        (b"ttu112|P1|RINGNOANSWER|15000", FactKind.AGENT_NO_ANSWER, {"ringing": 15}),
        (b"ttu112|P1|RINGCANCELED|2713", FactKind.AGENT_RING_CANCELED, {"ringing": 2.713}),
        (b"ttu112|NONE|EXITWITHTIMEOUT|1|1|90", FactKind.EXITED, {"exit": Exit.TIMEOUT, "waiting": 90}),
        (b"ttu112|NONE|EXITWITHKEY|0|1|1|8", FactKind.EXITED, {"exit": Exit.KEY, "waiting": 8}),
        (b"ttu112|NONE|EXITEMPTY|1|1|10", FactKind.EXITED, {"exit": Exit.EMPTY, "waiting": 10}),
        (b"ttu112|NONE|WITHDRAW|1|1|14|ke|polisi", FactKind.EXITED, {"exit": Exit.WITHDRAWN, "waiting": 14}),
        (b"ttu112|P1|BLINDTRANSFER|118|antar|5|11|2", FactKind.TRANSFERRED, {"talking": 11, "target": "118"}),
        (b"ttu112|P1|ATTENDEDTRANSFER|BRIDGE|d6|8|30|2", FactKind.TRANSFERRED, {"waiting": 8, "talking": 30}),
    ],
)
def test_each_kind_of_call_line_gives_its_fact(
    replay: Replay, line: bytes, kind: FactKind, known: dict[str, object]
) -> None:
    fact = only_fact(replay([b"1795418187|1795418172.0|" + line]))
    durations = {"waiting", "talking", "ringing"}
    wanted = {
        name: timedelta(seconds=value) if name in durations and isinstance(value, int | float) else value
        for name, value in known.items()
    }
    assert fact.kind is kind
    assert {name: getattr(fact, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "kind",
    "PAUSE PAUSEALL UNPAUSE UNPAUSEALL ADDMEMBER REMOVEMEMBER PENALTY RINGINUSE CONFIGRELOAD".split(),
)
def test_lines_about_agents_and_settings_are_recognised_and_counted(replay: Replay, kind: str) -> None:
    assert replay([f"1795418529|NONE|ttu112|Petugas 4|{kind}|makan".encode()]) == [Reading(counted=kind)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1795418187|1795418172.0|ttu1", Unreadable.CUT_SHORT),
        (b"kemarin|1795418172.0|ttu112|P1|CONNECT|9|1|9", Unreadable.BAD_TIME),
        ("١٧٩٥٤١٨١٨٧|1795418172.0|ttu112|P1|CONNECT|9|1|9".encode(), Unreadable.BAD_TIME),
        (b"99999999999999|1795418172.0|ttu112|P1|CONNECT|9|1|9", Unreadable.BAD_TIME),
        (b"1795418187|1795418172.0|ttu112|P1|CATATAN|uji|catatan bebas", Unreadable.UNKNOWN_KIND),
        (b"1795418187|1795418172.0|penjualan|P1|CONNECT|9|1|9", Unreadable.UNKNOWN_QUEUE),
        (b"1795418187|NONE|ttu112|P1|CONNECT|9|1|9", Unreadable.NO_CALL),
        (b"1795418187|" + b"9" * 300 + b"|ttu112|P1|CONNECT|9|1|9", Unreadable.NO_CALL),
        (b"x" * 70_000, Unreadable.TOO_LONG),
    ],
)
def test_a_line_that_cannot_be_read_is_handed_back_with_its_reason(
    replay: Replay, line: bytes, reason: Unreadable
) -> None:
    (reading,) = replay([line])
    assert (reading.unreadable, reading.told) == (reason, ())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1795418187|1795418172.0|ttu112|P1|CONNECT", Unreadable.CUT_SHORT),
        (b"1795418187|1795418172.0|ttu112|P1|CONNECT|sembilan|1|9", Unreadable.BAD_NUMBER),
        (b"1795418187|1795418172.0|ttu112|P1|CONNECT|-5|1|9", Unreadable.BAD_NUMBER),
        (b"1795418187|1795418172.0|ttu112|Petugas \xe9|CONNECT|9|1|9", Unreadable.NOT_UTF8),
    ],
)
def test_a_damaged_line_still_tells_what_it_can_and_is_kept_raw(
    replay: Replay, line: bytes, reason: Unreadable
) -> None:
    (reading,) = replay([line])
    assert (reading.unreadable, reading.tenant) == (reason, "53.03")
    assert only_fact([reading]).kind is FactKind.ANSWERED


@pytest.mark.parametrize(
    ("field", "caller"),
    [
        (b"|1", None),
        (b"+6281200000026|1", Caller("+6281200000026")),
        (b"anonymous|1", Caller("anonymous")),
        (b"8" * 60 + b"|1", Caller("8" * 60)),
        (b"8" * 900 + b"|1|" + b"x" * 900, Caller("8" * 200, "x" * 200)),
        (b"081200000026|1|Bu Sri | dua", Caller("081200000026", "Bu Sri | dua")),
    ],
)
def test_callers_pass_through_as_the_exchange_writes_them(
    replay: Replay, field: bytes, caller: Caller | None
) -> None:
    (reading,) = replay([b"1795418178|1795418172.0|ttu112|NONE|ENTERQUEUE||" + field])
    assert reading.told[0].caller == caller


def test_a_caller_never_shows_in_a_repr_nor_in_an_id(replay: Replay) -> None:
    line = b"1795418178|1795418172.0|ttu112|NONE|ENTERQUEUE||%s|1"
    (one,), (other,) = (replay([line % number])[0].told for number in (b"081200000026", b"081200000027"))
    assert "081200000026" not in repr(one)
    assert one.fact.id == other.fact.id


def test_a_long_transfer_target_may_be_a_persons_number_and_is_left_out(replay: Replay) -> None:
    line = b"1795418204|1795418184.6|ttu112|P3|BLINDTRANSFER|081200000026|antar|5|11|2"
    assert only_fact(replay([line])).target == ""


def test_a_prefix_in_the_id_does_not_hide_when_the_call_began(replay: Replay) -> None:
    fact = only_fact(replay([b"1795419801|pbx-ntt-1795419799.1|ttu112|NONE|ENTERQUEUE||08120000|1|"]))
    assert fact.began_at == fact.occurred_at - timedelta(seconds=2)


@pytest.mark.parametrize("call_id", [b"1795411111.0", b"1795419999.0", b"abc", b"1.0"])
def test_an_id_that_says_nothing_of_the_beginning_is_not_believed(replay: Replay, call_id: bytes) -> None:
    fact = only_fact(replay([b"1795419801|%s|ttu112|NONE|ENTERQUEUE||08120000|1|" % call_id]))
    assert fact.began_at is None


def test_two_agents_two_rings_and_two_queues_stay_two_while_a_line_read_twice_stays_one(
    replay: Replay,
) -> None:
    lines = [
        b"1795419802|c.1|rujukan-rs|RSUD|RINGNOANSWER|1000",
        b"1795419802|c.1|rujukan-rs|Local/402@petugas|RINGNOANSWER|1000",
        b"1795419814|c.1|rujukan-rs|RSUD|RINGNOANSWER|1000",
        b"1795419814|c.1|siaga-112|RSUD|RINGNOANSWER|1000",
    ]
    ids = [only_fact([reading]).id for reading in replay(lines + lines)]
    assert len(set(ids)) == 4
    assert ids[:4] == ids[4:]


ENTERED = b"1795418178|1795418172.0|ttu112|NONE|ENTERQUEUE||081200000026|1"
CONNECTED = b"1795418187|1795418172.0|ttu112|P1|CONNECT|9|17.2|9"
STARTED = b"1795418200|NONE|NONE|NONE|QUEUESTART|"


def test_a_killed_exchange_leaves_a_waiting_call_cut_in_its_queue(replay: Replay, calls_of: CallsOf) -> None:
    call = calls_of(replay([ENTERED, STARTED]))["1795418172.0"]
    assert (call.outcome, call.detail, call.ended_by) == (CallOutcome.UNANSWERED, "cut_in_queue", None)


def test_a_killed_exchange_leaves_a_talk_that_ended_at_its_last_sign_of_life(
    replay: Replay, calls_of: CallsOf
) -> None:
    alive = b"1795418190|NONE|ttu112|P2|PAUSE|makan"
    call = calls_of(replay([ENTERED, CONNECTED, alive, STARTED]))["1795418172.0"]
    assert (call.outcome, call.ended_by) == (CallOutcome.ANSWERED, EndedBy.PBX_RESTART)
    assert (call.talking, call.notes) == (timedelta(seconds=3), ("end_not_seen",))


def test_a_restart_glued_to_a_torn_line_is_not_missed(replay: Replay, calls_of: CallsOf) -> None:
    readings = replay([ENTERED, b"1795418199|1795418172.0|ttu" + STARTED])
    assert readings[-1].unreadable is Unreadable.CUT_SHORT
    assert calls_of(readings)["1795418172.0"].detail == "cut_in_queue"


def test_a_caller_who_gave_up_before_a_nightly_restart_gave_up(replay: Replay, calls_of: CallsOf) -> None:
    gave_up = b"1795418190|1795418172.0|ttu112|NONE|ABANDON|1|1|12"
    call = calls_of(replay([ENTERED, gave_up, STARTED]))["1795418172.0"]
    assert call.outcome is CallOutcome.ABANDONED_IN_QUEUE


def test_a_burst_of_ends_betrays_an_exchange_that_needs_long_to_come_up(
    replay: Replay, calls_of: CallsOf
) -> None:
    ids = [b"1795418172.%d" % number for number in range(3)]
    entered = [b"1795418178|%s|ttu112|NONE|ENTERQUEUE||081200000026|1" % one for one in ids]
    ended = [b"1795418180|%s|ttu112|NONE|ABANDON|1|1|2" % one for one in ids]
    calls = calls_of(replay([*entered, *ended, STARTED]))
    assert {call.detail for call in calls.values()} == {"cut_in_queue"}


def test_a_transferred_call_is_not_cut_by_a_later_restart(replay: Replay, calls_of: CallsOf) -> None:
    moved = b"1795418199|1795418172.0|ttu112|P1|BLINDTRANSFER|118|antar|9|12|1"
    call = calls_of(replay([ENTERED, CONNECTED, moved, STARTED]))["1795418172.0"]
    assert call.ended_by is EndedBy.TRANSFER


def test_what_is_remembered_stays_bounded() -> None:
    memory = Memory()
    exchange = Exchange("pbx", {"q": Trunk("53.03", "t")})
    for number in range(MOST_OPEN_CALLS + 50):
        line = b"1795418178|%d|q|NONE|ENTERQUEUE||1|1" % number
        memory, _ = read(memory, line, exchange=exchange, recorded_at=NOW)
    assert len(memory.open) == MOST_OPEN_CALLS
    for number in range(MOST_LAST_ENDS + 50):
        line = b"1795418178|%d|q|NONE|ABANDON|1|1|1" % number
        memory, _ = read(memory, line, exchange=exchange, recorded_at=NOW)
    assert len(memory.last_ends) == MOST_LAST_ENDS


def test_the_memory_survives_being_written_as_json(exchange: Exchange) -> None:
    memory = Memory()
    for line in (ENTERED, CONNECTED, b"1795418190|x.1|ttu112|NONE|ABANDON|1|1|12"):
        memory, _ = read(memory, line, exchange=exchange, recorded_at=NOW)
    assert Memory.from_plain(json.loads(json.dumps(memory.to_plain()))) == memory
    assert memory.open
    assert memory.last_ends


@settings(max_examples=300)
@given(
    line=st.binary(max_size=200) | st.lists(st.text(max_size=12), max_size=9).map("|".join).map(str.encode)
)
def test_no_line_whatever_stops_the_reader(line: bytes) -> None:
    exchange = Exchange("pbx", {"ttu112": Trunk("53.03", "t")})
    _, reading = read(Memory(), line, exchange=exchange, recorded_at=NOW)
    assert reading.told or reading.unreadable or reading.counted

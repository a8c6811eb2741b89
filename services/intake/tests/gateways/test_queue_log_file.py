"""A queue log is followed through everything that happens to files, without a gap and without a repeat."""

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.application.ports import Arrival, SpoolUnwritable
from intake.domain.call import Call, fold
from intake.domain.facts import Fact, Trunk
from intake.domain.queue_log import Exchange, Reading
from intake.gateways import queue_log_file
from intake.gateways.queue_log_file import Followed, QueueLogFollower
from intake.gateways.rotating_file import NotALogFile

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Trunks:
    def __init__(self, exchange: Exchange) -> None:
        self.known = exchange

    def exchange(self, exchange_id: str) -> Exchange:
        return self.known

    def trunk(self, tenant: str, trunk_id: str) -> Trunk | None:
        return None


class Kept:
    """A spool in memory; what it keeps survives the follower."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.is_full = False

    async def take(self, arrival: Arrival) -> None:
        if self.is_full:
            raise SpoolUnwritable("full")
        self.arrivals.append(arrival)

    async def place(self, follower: str) -> Mapping[str, Any] | None:
        places = [one.place.content for one in self.arrivals if one.place and one.place.follower == follower]
        return places[-1] if places else None

    @property
    def facts(self) -> list[Fact]:
        return [told.fact for arrival in self.arrivals for told in arrival.told]

    @property
    def calls(self) -> list[str]:
        return [fact.call.exchange_call_id for fact in self.facts]

    @property
    def counted(self) -> list[str]:
        return [kind for arrival in self.arrivals for kind in arrival.counted]

    @property
    def refused(self) -> list[tuple[str, bytes]]:
        return [(one.reason, one.raw) for arrival in self.arrivals for one in arrival.refused]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


@pytest.fixture
def follow(kept: Kept, path: Path, exchange: Exchange) -> Callable[..., QueueLogFollower]:
    def make(**others: Any) -> QueueLogFollower:
        followed = Followed("pbx-ntt", path, poll_seconds=0.2)
        known = {
            "trunks": Trunks(exchange),
            "take": kept.take,
            "load_place": kept.place,
            "clock": lambda: NOON,
        }
        return QueueLogFollower(followed, **{**known, **others})

    return make


Follow = Callable[..., QueueLogFollower]


def entered(*call_ids: str) -> bytes:
    return b"".join(b"1795418178|%s|ttu112|NONE|ENTERQUEUE||0812|1\n" % one.encode() for one in call_ids)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def make_folder(path: Path) -> None:
    path.mkdir()


def remove_folder(path: Path) -> None:
    path.rmdir()


def rotate(path: Path, to: str = "queue_log.0") -> None:
    path.rename(path.with_name(to))


def remove(path: Path) -> None:
    path.unlink()


def truncate_to(path: Path, data: bytes) -> None:
    path.write_bytes(data)


async def to_the_end(follower: QueueLogFollower) -> None:
    while await follower.step():
        pass


async def test_lines_are_taken_as_they_are_written(path: Path, kept: Kept, follow: Follow) -> None:
    follower = follow()
    append(path, entered("a", "b"))
    await to_the_end(follower)
    append(path, entered("c"))
    await to_the_end(follower)
    assert kept.calls == ["a", "b", "c"]


async def test_a_half_written_line_waits_for_its_newline(path: Path, kept: Kept, follow: Follow) -> None:
    follower, line = follow(), entered("a")
    append(path, line[:30])
    await to_the_end(follower)
    assert (kept.calls, kept.refused) == ([], [])
    append(path, line[30:])
    await to_the_end(follower)
    assert kept.calls == ["a"]


async def test_a_half_written_character_waits_too(path: Path, kept: Kept, follow: Follow) -> None:
    line = "1795418178|a|ttu112|Nona Bété|RINGNOANSWER|1000\n".encode()
    cut = line.index("é".encode()) + 1
    follower = follow()
    append(path, line[:cut])
    await to_the_end(follower)
    append(path, line[cut:])
    await to_the_end(follower)
    assert [fact.agent for fact in kept.facts] == ["Nona Bété"]
    assert kept.refused == []


async def test_at_the_first_start_a_rotated_file_is_history_and_is_left_alone(
    path: Path, kept: Kept, follow: Follow
) -> None:
    append(path, entered("history"))
    rotate(path)
    append(path, entered("today"))
    await to_the_end(follow())
    assert kept.calls == ["today"]


async def test_a_file_that_is_not_there_yet_is_waited_for(path: Path, kept: Kept, follow: Follow) -> None:
    follower = follow()
    assert not await follower.step()
    append(path, entered("a"))
    await to_the_end(follower)
    assert kept.calls == ["a"]


async def test_a_new_follower_goes_on_at_the_saved_place(path: Path, kept: Kept, follow: Follow) -> None:
    append(path, entered("a"))
    await to_the_end(follow())
    append(path, entered("b"))
    await to_the_end(follow())
    assert kept.calls == ["a", "b"]


async def test_what_was_open_before_a_restart_of_ours_is_cut_by_a_restart_of_the_exchange(
    path: Path, kept: Kept, follow: Follow
) -> None:
    append(path, entered("a"))
    await to_the_end(follow())
    append(path, b"1795418300|NONE|NONE|NONE|QUEUESTART|\n")
    await to_the_end(follow())
    assert fold(kept.facts).detail == "cut_in_queue"


async def test_rotation_finishes_the_old_file_first(path: Path, kept: Kept, follow: Follow) -> None:
    follower = follow()
    append(path, entered("a"))
    await to_the_end(follower)
    append(path, entered("b"))
    rotate(path)
    append(path, entered("c"))
    await to_the_end(follower)
    assert kept.calls == ["a", "b", "c"]


async def test_a_rotation_while_we_were_down_is_found_again_by_inode(
    path: Path, kept: Kept, follow: Follow
) -> None:
    append(path, entered("a"))
    await to_the_end(follow())
    append(path, entered("b"))
    rotate(path)
    append(path, entered("c"))
    await to_the_end(follow())
    assert kept.calls == ["a", "b", "c"]


async def test_two_rotations_while_we_were_down_lose_nothing(path: Path, kept: Kept, follow: Follow) -> None:
    append(path, entered("a"))
    await to_the_end(follow())
    append(path, entered("b"))
    os.utime(path, ns=(1, 1_000))
    rotate(path, "queue_log.1")
    append(path, entered("c"))
    os.utime(path, ns=(1, 2_000))
    rotate(path)
    append(path, entered("d"))
    await to_the_end(follow())
    assert kept.calls == ["a", "b", "c", "d"]


async def test_while_the_new_file_is_empty_the_old_one_may_still_grow(
    path: Path, kept: Kept, follow: Follow
) -> None:
    follower, old = follow(), path.with_name("queue_log.0")
    append(path, entered("a"))
    await to_the_end(follower)
    rotate(path)
    append(path, b"")
    await to_the_end(follower)
    append(old, entered("b"))
    await to_the_end(follower)
    append(path, entered("c"))
    await to_the_end(follower)
    assert kept.calls == ["a", "b", "c"]


async def test_a_line_that_was_torn_by_a_rotation_is_kept_raw(path: Path, kept: Kept, follow: Follow) -> None:
    follower = follow()
    append(path, entered("a") + b"1795418178|b|ttu")
    await to_the_end(follower)
    rotate(path)
    append(path, entered("c"))
    await to_the_end(follower)
    assert kept.calls == ["a", "c"]
    assert kept.refused == [("cut_short", b"1795418178|b|ttu")]


async def test_a_file_deleted_after_its_rotation_is_read_to_its_end(
    path: Path, kept: Kept, follow: Follow
) -> None:
    follower = follow()
    append(path, entered("a"))
    await to_the_end(follower)
    append(path, entered("b"))
    remove(path)
    append(path, entered("c"))
    await to_the_end(follower)
    assert kept.calls == ["a", "b", "c"]


async def test_a_truncated_file_is_read_from_its_beginning(path: Path, kept: Kept, follow: Follow) -> None:
    follower = follow()
    append(path, entered("a", "b"))
    await to_the_end(follower)
    truncate_to(path, entered("c"))
    await to_the_end(follower)
    assert kept.calls == ["a", "b", "c"]
    assert "FILE_TRUNCATED" in kept.counted


async def test_a_truncated_file_that_has_grown_past_the_place_is_recognised_by_its_beginning(
    path: Path, kept: Kept, follow: Follow
) -> None:
    follower = follow()
    append(path, entered("a"))
    await to_the_end(follower)
    truncate_to(path, entered("c", "d", "e"))
    await to_the_end(follower)
    assert kept.calls == ["a", "c", "d", "e"]


async def test_a_file_that_is_gone_for_good_is_counted_and_the_live_one_begun(
    path: Path, kept: Kept, follow: Follow
) -> None:
    append(path, entered("a"))
    first = follow()
    await to_the_end(first)
    rotate(path, "elsewhere")
    append(path, entered("b"))
    await to_the_end(follow())
    assert kept.calls == ["a", "b"]
    assert "FILE_LOST" in kept.counted


async def test_an_unwritable_spool_keeps_the_place_and_is_tried_again_with_longer_pauses(
    path: Path, kept: Kept, follow: Follow
) -> None:
    pauses: list[float] = []

    async def wait(seconds: float) -> None:
        pauses.append(seconds)
        kept.is_full = len(pauses) < 4
        if len(pauses) == 6:
            raise asyncio.CancelledError

    append(path, entered("a"))
    kept.is_full = True
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(follow(wait=wait).run(), timeout=10)
    assert pauses == [0.4, 0.8, 1.6, 3.2, 0.2, 0.2]
    assert kept.calls == ["a"]


async def test_before_its_tenants_are_known_a_log_waits(path: Path, kept: Kept, follow: Follow) -> None:
    trunks = Trunks(Exchange("pbx-ntt"))
    follower = follow(trunks=trunks)
    append(path, entered("a"))
    await to_the_end(follower)
    assert kept.arrivals == []
    trunks.known = Exchange("pbx-ntt", {"ttu112": Trunk("53.03", "pbx-ttu")})
    await to_the_end(follower)
    assert kept.calls == ["a"]


async def test_a_long_file_is_taken_in_bounded_batches(path: Path, kept: Kept, follow: Follow) -> None:
    append(path, entered(*(str(number) for number in range(1_234))))
    await to_the_end(follow())
    assert kept.calls == [str(number) for number in range(1_234)]
    assert max(len(arrival.told) for arrival in kept.arrivals) == 500


async def test_endless_bytes_without_a_newline_do_not_stop_the_log(
    path: Path, kept: Kept, follow: Follow
) -> None:
    append(path, b"x" * 700_000 + b"\n" + entered("a"))
    await to_the_end(follow())
    assert kept.calls == ["a"]
    assert {reason for reason, _ in kept.refused} == {"too_long"}


async def test_the_recorded_rotation_gives_the_same_calls_as_the_lines_in_a_row(
    path: Path,
    kept: Kept,
    follow: Follow,
    recordings: Path,
    replay: Callable[..., list[Reading]],
    calls_of: Callable[[list[Reading]], dict[str, Call]],
) -> None:
    old, new = ((recordings / "rare" / name).read_bytes() for name in ("queue_log.0", "queue_log"))
    follower = follow()
    append(path, old[:1_000])
    await to_the_end(follower)
    append(path, old[1_000:])
    rotate(path)
    append(path, new)
    await to_the_end(follow())
    in_a_row = calls_of(replay((old + new).splitlines()))
    assert set(kept.calls) == set(in_a_row)
    for name, call in in_a_row.items():
        assert fold([fact for fact in kept.facts if fact.call.exchange_call_id == name]) == call


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


NEW_QUEUE = b"1795418178|1795418172.0|belu112|NONE|ENTERQUEUE||081200000026|1\n"


async def test_a_queue_whose_tenant_is_coming_keeps_its_place_until_it_came(
    follow: Callable[..., QueueLogFollower], kept: Kept, path: Path, exchange: Exchange
) -> None:
    append(path, NEW_QUEUE)
    trunks = Trunks(exchange)
    follower = follow(trunks=trunks, clock=Clock(), patience=timedelta(seconds=10))
    assert await follower.step() is False
    assert kept.arrivals == []
    trunks.known = Exchange("pbx-ntt", {**exchange.queues, "belu112": Trunk("53.04", "pbx-belu")})
    assert await follower.step() is True
    assert [fact.call.tenant for fact in kept.facts] == ["53.04"]


async def test_a_queue_that_nobody_names_holds_the_others_up_only_once(
    follow: Callable[..., QueueLogFollower], kept: Kept, path: Path
) -> None:
    append(path, NEW_QUEUE)
    clock = Clock()
    follower = follow(clock=clock, patience=timedelta(seconds=10))
    assert await follower.step() is False
    clock.now += timedelta(seconds=10)
    assert await follower.step() is True
    append(path, NEW_QUEUE)
    assert await follower.step() is True
    assert [reason for reason, _ in kept.refused] == ["unknown_queue"] * 2


async def test_a_folder_in_the_logs_place_is_waited_out(follow: Follow, kept: Kept, path: Path) -> None:
    make_folder(path)
    follower = follow()
    for _ in range(2):
        with pytest.raises(NotALogFile):
            await follower.step()
    remove_folder(path)
    append(path, entered("1"))
    assert await follower.step() is True
    assert kept.calls == ["1"]


class Reads:
    """Counts how often a file is read: bounded work is counted, not timed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, real = 0, os.pread

        def counted(descriptor: int, most: int, offset: int) -> bytes:
            self.count += 1
            return real(descriptor, most, offset)

        monkeypatch.setattr(os, "pread", counted)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


def make_sparse(path: Path, size: int) -> None:
    with path.open("ab") as file:
        file.truncate(size)


async def test_eight_gigabytes_of_nothing_cost_a_few_reads_and_the_call_behind_them_nothing(
    path: Path, kept: Kept, follow: Follow, reads: Reads
) -> None:
    make_sparse(path, 8 * 1024**3)
    append(path, entered("a", "b"))
    await to_the_end(follow())
    assert kept.calls == ["a", "b"]
    assert (kept.counted, kept.refused) == (["FILE_NULS"], [])
    assert reads.count < 20


async def test_calls_of_the_new_file_do_not_wait_for_a_hole_in_the_old_one(
    path: Path, kept: Kept, follow: Follow, reads: Reads
) -> None:
    make_sparse(path, 8 * 1024**3)
    rotate(path)
    old = path.with_name("queue_log.0")
    append(path, entered("a"))
    follower = follow()
    await to_the_end(follower)
    assert kept.calls == ["a"]
    old.unlink()
    make_sparse(path, 8 * 1024**3)
    rotate(path)
    append(path, entered("b"))
    await to_the_end(follower)
    assert (kept.calls, kept.counted) == (["a", "b"], ["FILE_NULS"])
    assert reads.count < 30


async def test_a_line_without_an_end_is_passed_over_in_big_steps_and_told_once(
    path: Path, kept: Kept, follow: Follow, reads: Reads
) -> None:
    append(path, entered("a") + b"x" * 40_000_000 + b"\n" + entered("b"))
    await to_the_end(follow())
    assert kept.calls == ["a", "b"]
    assert kept.refused == [("too_long", b"x" * 65_536)]
    assert reads.count < 30


async def test_a_line_that_still_has_no_end_is_told_once_though_it_grows_and_we_start_anew(
    path: Path, kept: Kept, follow: Follow
) -> None:
    for _ in range(3):
        append(path, b"x" * 300_000)
        await to_the_end(follow())
    append(path, b"1795418178|no|line|of|its|own\n" + entered("a"))
    await to_the_end(follow())
    assert kept.calls == ["a"]
    assert [reason for reason, _ in kept.refused] == ["too_long"]


async def test_what_is_passed_over_is_saved_on_the_way(
    path: Path, kept: Kept, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_log_file, "MOST_PASSED_BYTES", 1)
    append(path, b"\0" * 9_000_000 + entered("a") + b"x" * 9_000_000 + b"\n" + entered("b"))
    while await follow().step():
        pass
    assert kept.calls == ["a", "b"]
    assert (kept.counted, len(kept.refused)) == (["FILE_NULS"], 1)


@pytest.mark.parametrize("nuls", [1, 5_000, 70_000, 400_000])
async def test_nuls_that_a_crash_or_a_truncation_left_cost_no_call(
    path: Path, kept: Kept, follow: Follow, nuls: int
) -> None:
    append(path, entered("a") + b"\0" * nuls + entered("b"))
    await to_the_end(follow())
    assert (kept.calls, kept.refused) == (["a", "b"], [])


async def test_a_half_line_before_many_nuls_is_kept_raw_and_the_line_behind_them_read(
    path: Path, kept: Kept, follow: Follow
) -> None:
    append(path, b"1795418178|a|ttu" + b"\0" * 400_000 + entered("b"))
    await to_the_end(follow())
    assert kept.calls == ["b"]
    assert kept.refused == [("too_long", b"1795418178|a|ttu")]

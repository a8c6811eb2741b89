"""How far a consumer group has come, and what it cost, seen from outside: the broker's committed offsets."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

LOOK_EVERY = 0.05


class StoodStill(RuntimeError):
    """A group did not come to the end of the backlog in time."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds so far: of the process that is watched, and of broker and store."""

    own: float = 0.0
    servers: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: seconds of a monotonic clock, events done and processor time spent by then."""

    at: float
    done: int
    spent: Spent = Spent()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a group went, and what each event cost in processor seconds."""

    events_per_second: float
    spent: Spent


def pace_of(looks: Sequence[Seen]) -> Pace:
    """Return the pace between the first and the last progress; what came before the first is start-up.

    Raises:
        StoodStill: fewer than two steps of progress were seen.
    """
    fresh = [look for before, look in pairwise(looks) if look.done > before.done]
    if len(fresh) < 2:
        raise StoodStill("too little progress was seen to tell a pace")
    first, last = fresh[0], fresh[-1]
    events = last.done - first.done
    own, servers = last.spent.own - first.spent.own, last.spent.servers - first.spent.servers
    return Pace(events / (last.at - first.at), Spent(own / events, servers / events))


async def committed(bootstrap: str, group: str) -> int:
    """Return how many events a group has committed so far."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="bench-progress")
    await admin.start()
    try:
        return await _done(admin, group)
    finally:
        await admin.close()


async def watch(
    bootstrap: str, group: str, *, until: int, within: float, spent: Callable[[], Spent]
) -> list[Seen]:
    """Look until the group has committed so many events in all.

    Raises:
        StoodStill: it did not in time.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="bench-progress")
    await admin.start()
    looks = [Seen(time.monotonic(), 0)]
    try:
        async with asyncio.timeout(within):
            while looks[-1].done < until:
                await asyncio.sleep(LOOK_EVERY)
                done = await _done(admin, group)
                looks.append(Seen(time.monotonic(), done, spent()))
    except TimeoutError as error:
        raise StoodStill(f"{group} came to {looks[-1].done} of {until} events in {within:.0f} s") from error
    finally:
        await admin.close()
    return looks


async def until_all_is_done(bootstrap: str, groups: Sequence[str]) -> None:
    """Wait until these groups have committed everything there is in the partitions that they read, twice in a row."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="bench-progress")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id="bench-progress",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await admin.start()
    await consumer.start()
    try:
        calm = 0
        while calm < 2:
            await asyncio.sleep(LOOK_EVERY)
            calm = calm + 1 if await _behind(admin, consumer, groups) == 0 else 0
    finally:
        await consumer.stop()
        await admin.close()


async def _behind(admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, groups: Sequence[str]) -> int:
    behind = 0
    for group in groups:
        committed = await admin.list_consumer_group_offsets(group)
        ends = await consumer.end_offsets(list(committed))
        behind += sum(max(0, ends[place] - known.offset) for place, known in committed.items())
    return behind


async def _done(admin: AIOKafkaAdminClient, group: str) -> int:
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except KafkaError:
        return 0  # the group, or its coordinator, is not there yet
    return sum(max(0, place.offset) for place in offsets.values())

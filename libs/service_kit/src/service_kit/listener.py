"""Hears events through FastStream without its defaults that lose data (docs/decisions).

Batches, manual acknowledgement, explicit offsets of the contiguous done beginning per partition.
Trouble has three fates (architecture, decision 9): away → wait and try again; a bad record → dead
letter and go on; the loop itself broken → the process ends and is started again.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from service_kit import metrics
from service_kit.batches import Taken, by_subject, tenant_of, urgency_of
from service_kit.blame import Blame
from service_kit.commits import Commits
from service_kit.deadletters import TENANT_UNKNOWN, DeadLetters
from service_kit.effects import watched
from service_kit.event import Event, EventUnreadable, read_event
from service_kit.event_spans import event_span
from service_kit.fairness import in_turn
from service_kit.progress import Place, committable
from service_kit.telemetry import BUS_LOGGER, logger, trace_id_of
from service_kit.tenancy import Tenants
from service_kit.transient import backoff, is_transient

LOG = logger(__name__)

BATCH_MOST = 200
"""Who comes meanwhile waits for one batch; of 64, and half as much fetched, a third less was caught up a second."""
POLL_MS = 20
FETCH_BYTES_PER_PARTITION = 65_536
AT_ONCE = 16
TRIES = 3
SESSION_TIMEOUT_MS = 15_000
LONGEST_BATCH_MS = 600_000
UNKNOWN_TENANT_SECONDS = 0.25
"""How long the whole batch waits for a tenant that is not known yet: then its event is parked, and taken when it comes."""
UNKNOWN_FOR_SECONDS = 60.0
"""How long a tenant that did not come counts as unknown: its events are parked without waiting again."""
DRAIN_SECONDS = 5.0
STALLED_AFTER_SECONDS = 30.0

Handle = Callable[[Event[Any]], Awaitable[None]]


class Stopping(Exception):
    """The listener is closing; what is not done stays uncommitted."""


class Listener:
    """One consumer group of one service over all topics that it hears."""

    def __init__(
        self,
        bootstrap: str,
        *,
        group: str,
        topics: Sequence[str],
        handle: Handle,
        tenants: Tenants,
        dead_letters: DeadLetters,
        blame: Blame,
        broken: Callable[[BaseException], None],
        replica: str | None = None,
        gather_seconds: float = 0.0,
    ) -> None:
        """Nothing connects before `start`; `broken` is told when the loop itself cannot go on.

        Who is in no hurry lets events gather for a moment between two batches, to write them together.

        A replica with a name takes its old place when it is started again after a kill. One without
        waits until the group has given up its dead process, up to twice the session timeout.
        """
        self.group = group
        self._replica = replica
        self._gather_seconds = gather_seconds
        self.topics = tuple(topics)
        self._handle = handle
        self._tenants = tenants
        self._dead_letters = dead_letters
        self._blame = blame
        self._broken = broken
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._commits = Commits(self._consumer, group=group)
        self._unknown_until: dict[str, float] = {}
        self.last_progress = time.monotonic()
        self._broker = KafkaBroker(
            bootstrap,
            client_id=group,
            consumer_only=True,
            apply_types=False,
            logger=logging.getLogger(BUS_LOGGER),
            allow_auto_create_topics=False,
            graceful_timeout=DRAIN_SECONDS,
        )
        self._subscriber = self._broker.subscriber(*self.topics, **self.settings())
        self._subscriber(self._take)

    def settings(self) -> dict[str, Any]:
        """Return what guarantees that nothing is skipped, as it is in force."""
        return {
            "group_id": self.group,
            "group_instance_id": None if self._replica is None else f"{self.group}-{self._replica}",
            "auto_offset_reset": "earliest",
            "ack_policy": AckPolicy.MANUAL,
            "batch": True,
            "max_records": BATCH_MOST,
            "batch_timeout_ms": POLL_MS,
            "max_partition_fetch_bytes": FETCH_BYTES_PER_PARTITION,
            "session_timeout_ms": SESSION_TIMEOUT_MS,
            "max_poll_interval_ms": LONGEST_BATCH_MS,
            "no_reply": True,
            "decoder": _undecoded,
            "parser": self._parse,
            "listener": _Drain(self._idle, self._commits),
        }

    async def start(self) -> None:
        """Join the group and begin; waits until the broker is there."""
        async for _ in backoff():
            if self._stopping.is_set():
                return
            try:
                await self._broker.start()
            except (KafkaError, OSError, TimeoutError) as error:
                LOG.warning("listener.broker_away", group=self.group, error=type(error).__name__)
                await self._broker.stop()
            else:
                return

    async def stop(self) -> None:
        """Finish what is in flight, commit it, leave the group."""
        self._stopping.set()
        await self._commits.now()
        await self._broker.stop()
        await self._commits.close()

    async def lag(self) -> dict[str, int]:
        """Return how many events of each topic are not yet taken; what is not assigned counts 0.

        The broker is asked where each partition ends: what a consumer knows of it stands still while
        a handler waits, which is when people ask.
        """
        consumer = self._subscriber.consumer
        behind: dict[str, int] = dict.fromkeys(self.topics, 0)
        if consumer is None:
            return behind
        ends = await consumer.end_offsets(consumer.assignment())
        for partition, end in ends.items():
            committed = await consumer.committed(partition) or 0
            behind[partition.topic] += max(0, end - committed)
        for topic, count in behind.items():
            metrics.CONSUMER_LAG.labels(topic).set(count)
        return behind

    async def is_stalled(self) -> bool:
        """Whether events wait and none came to its fate for a while: a stuck loop looks like this."""
        if time.monotonic() - self.last_progress < STALLED_AFTER_SECONDS:
            return False
        if not self._idle.is_set():
            return True
        consumer = self._consumer()
        for partition in consumer.assignment() if consumer else ():
            end = consumer.highwater(partition)
            if end is not None and await consumer.position(partition) < end:
                return True
        return False

    @property
    def joined(self) -> bool:
        """Whether this replica is a member of its group (it may have no partition of its own)."""
        return self._subscriber.consumer is not None

    async def _parse(self, records: Any) -> KafkaMessage:
        """Hand the records on unread.

        A header that is not UTF-8 makes FastStream's own parser skip its whole batch
        (ag2ai/faststream #2458).
        """
        return KafkaMessage(body=[], headers={}, raw_message=records, consumer=self._subscriber.consumer)

    async def _take(self, message: KafkaMessage) -> None:
        """Bring every record of a batch to its fate, to be committed soon; never lets an exception out."""
        records: tuple[ConsumerRecord, ...] = message.raw_message
        self._idle.clear()
        self.last_progress = time.monotonic()
        done: set[Place] = set()
        try:
            await self._take_batch(records, done)
        except Stopping:
            LOG.info("listener.stopped_in_batch", group=self.group, done=len(done), of=len(records))
        except Exception as error:
            LOG.exception("listener.broken", group=self.group)
            self._stopping.set()  # a batch that came behind would be committed past what is not done here
            self._broken(error)
        finally:
            self._note_done(records, done)
            if self._stopping.is_set():
                await self._commits.now()
            self.last_progress = time.monotonic()
            self._idle.set()
        if len(records) < BATCH_MOST and not self._stopping.is_set():
            await asyncio.sleep(self._gather_seconds)

    async def _take_batch(self, records: Sequence[ConsumerRecord], done: set[Place]) -> None:
        """Take the newest of each subject; keys side by side, one key's events in their order.

        Tenants in turn, and of each the urgent first.
        """
        lanes = await self._lanes(records, done)
        at_once = asyncio.Semaphore(AT_ONCE)

        async def run(lane: list[Taken]) -> None:
            async with at_once:
                for told in by_subject(lane):
                    await self._take_newest(told)
                    done.update(_place(record) for record, _ in told)

        if len(lanes) == 1:  # as nearly always in a quiet hour: nothing to order, and no need of a task
            await run(lanes[0])
            return
        waiting = in_turn(sorted(lanes, key=urgency_of), of=tenant_of)
        ends = await asyncio.gather(*map(run, waiting), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end

    async def _lanes(self, records: Sequence[ConsumerRecord], done: set[Place]) -> list[list[Taken]]:
        """Read a batch, each key's events by themselves; what cannot be read is buried, and done."""
        lanes: dict[object, list[Taken]] = defaultdict(list)
        for record in records:
            event = await self._read(record)
            if event is None:
                done.add(_place(record))
            else:
                lanes[record.key].append((record, event))
        return list(lanes.values())

    async def _take_newest(self, told: Sequence[Taken]) -> None:
        """Take one subject's newest event; only where that one has to be buried, the one before it."""
        settled, tried = False, dict[str, Event[Any]]()
        for record, event in told:
            if settled or event.envelope.id in tried:
                self._spare(event, next(reversed(tried.values())))
                continue
            settled = await self._bring_to_its_fate(record, event)
            tried[event.envelope.id] = event
            self.last_progress = time.monotonic()

    def _spare(self, event: Event[Any], newer: Event[Any]) -> None:
        """Pass over an event; who follows its trace learns in which one its story goes on."""
        _count(event, "superseded")
        goes_on = trace_id_of(newer.envelope.traceparent)
        if goes_on == trace_id_of(event.envelope.traceparent):
            return
        with event_span(event, "superseded", group=self.group, linked=newer.envelope.traceparent):
            LOG.info("event.superseded", topic=event.envelope.topic, goes_on_in_trace=goes_on)

    async def _read(self, record: ConsumerRecord) -> Event[Any] | None:
        """Read a record; None when it went to the dead letters."""
        try:
            return read_event(record)
        except EventUnreadable as error:
            await self._bury(record, str(error))
            return None

    async def handle_again(self, record: ConsumerRecord) -> None:
        """Take one dead letter again, as if it had just come.

        Raises:
            Exception: whatever the handler raises; the letter stays.
        """
        await self._handle_in_span(read_event(record))

    async def _bring_to_its_fate(self, record: ConsumerRecord, event: Event[Any]) -> bool:
        """Handle an event, or bury it; False where its handler kept failing, and an older one may do."""
        if not await self._tenant_is_known(event.tenant):
            await self._bury(record, TENANT_UNKNOWN)
            return True
        tries = 0
        async for waited in backoff():
            if self._stopping.is_set():
                raise Stopping
            try:
                with metrics.HANDLING_SECONDS.labels(record.topic).time():
                    await self._handle_in_span(event)
            except Exception as error:
                tries += await self._blame.is_the_events(error, waited=waited)
                if tries >= TRIES:
                    LOG.exception("event.kept_failing", topic=record.topic, event_id=event.envelope.id)
                    await self._bury(record, f"handler raised {type(error).__name__}")
                    return False
                metrics.RETRIES.labels(self.group).inc()
            else:
                _count(event, "done")
                return True
        raise Stopping

    async def _tenant_is_known(self, tenant: str) -> bool:
        """Wait for a tenant's configuration, but not for each of its events anew: neighbours wait behind."""
        wait = UNKNOWN_TENANT_SECONDS if time.monotonic() >= self._unknown_until.get(tenant, 0) else 0
        if await self._tenants.wait_for(tenant, seconds=wait) is not None:
            return True
        if wait:
            self._unknown_until[tenant] = time.monotonic() + UNKNOWN_FOR_SECONDS
        return False

    async def _handle_in_span(self, event: Event[Any]) -> None:
        one = event.envelope
        with event_span(event, "process", group=self.group), watched() as effects:
            await self._handle(event)
            level = logging.INFO if effects.any else logging.DEBUG
            LOG.log(level, "event.handled", topic=one.topic, sequence=one.sequence)

    async def _bury(self, record: ConsumerRecord, reason: str) -> None:
        """Write a dead letter; while that cannot be done the record is not done either."""
        async for _ in backoff():
            if self._stopping.is_set():
                raise Stopping
            try:
                await self._dead_letters.bury(record, reason)
            except Exception as error:
                if not is_transient(error):
                    raise
            else:
                metrics.EVENTS_HANDLED.labels(record.topic, "-", "dead_letter").inc()
                return

    def _consumer(self) -> Any:
        return self._subscriber.consumer

    def _note_done(self, records: Sequence[ConsumerRecord], done: set[Place]) -> None:
        following = committable([_place(record) for record in records], done)
        self._commits.note({TopicPartition(*where): offset for where, offset in following.items()})


class _Drain(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the batch in flight end, and be committed, before its partitions go to another replica."""

    def __init__(self, idle: asyncio.Event, commits: Commits) -> None:
        self._idle = idle
        self._commits = commits

    async def on_partitions_revoked(self, revoked: object) -> None:  # noqa: ARG002 - aiokafka's interface
        try:
            await asyncio.wait_for(self._idle.wait(), DRAIN_SECONDS)
        except TimeoutError:
            LOG.warning("listener.not_drained")
        await self._commits.give_up()

    async def on_partitions_assigned(self, assigned: object) -> None:
        """Nothing to prepare: state is in the store."""


async def _undecoded(message: KafkaMessage) -> KafkaMessage:
    """Hand the message itself to the handler.

    FastStream's own decoder reads JSON, and one bad record fails its whole batch.
    """
    return message


def _place(record: ConsumerRecord) -> Place:
    return Place(record.topic, record.partition, record.offset)


def _count(event: Event[Any], fate: str) -> None:
    metrics.EVENTS_HANDLED.labels(event.envelope.topic, event.tenant, fate).inc()

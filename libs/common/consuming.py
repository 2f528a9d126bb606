"""The consumer of a service: batches in, effects and inbox in one transaction, offsets after, nothing skipped."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from aiokafka.errors import CommitFailedError, NoOffsetForPartitionError, OffsetOutOfRangeError

from common import metrics
from common.background import Pauses
from common.database import RETRYABLE, Database, Transaction
from common.dead_letters import DeadLetters
from common.in_hand import Ahead, Held
from common.inbox import Received, received_in, take_new
from common.kafka import leaves_for_good, start_group_consumer, stop
from common.kafka_faults import FAULTS, patiently, records_of
from common.reactions import Dispatch
from common.telemetry import log

_TRIES = 3
_JOINING = 45.0
"""Seconds within which a group has assigned its partitions, when a member is gone after a session of 30."""
_TOO_MANY_IN_A_ROW = 20
_MANY = 50
"""Records of a batch that is worth looking ahead for: behind a smaller one nothing waits."""
_A_FEW = 20
"""Records made out at a time, two milliseconds of work for which an answer of the database waits."""


class TooManyDeadLetters(Exception):
    """So many failures in a row are a fault of this program or its surroundings, not of the records."""


class Consumer:
    """One member of the service's consumer group, rebuilt by itself whenever its connection dies."""

    def __init__(
        self,
        *,
        service: str,
        instance: int,
        bootstrap: str,
        database: Database,
        dispatch: Dispatch,
        also: Sequence[str] = (),
    ) -> None:
        """`also`: topics beside those of the events it reacts to; each must be there, or the client does not start."""
        self._service = service
        self._instance = instance
        self._bootstrap = bootstrap
        self._database = database
        self._dispatch = dispatch
        self._also = also
        self._dead = DeadLetters(service=service, bootstrap=bootstrap)
        self._held: dict[TopicPartition, Held] = {}
        self._ahead = Ahead()
        self._in_a_row = 0
        self._stopping = asyncio.Event()
        self._client: Any = None
        self.stopped_because: str | None = None
        self.without_since: float | None = time.monotonic()
        """Since when it has had no assignment."""

    @property
    def ready(self) -> bool:
        return self.without_since is None and self.stopped_because is None

    async def run(self) -> None:
        """Consume until stopped; faults of the broker lead to a new connection, too many dead letters to a halt."""
        pauses = Pauses()
        try:
            while not self._stopping.is_set():
                try:
                    await self._consume()
                except FAULTS as error:
                    pause = pauses.next()
                    log.warning("consumer_rebuilt", error=repr(error), again_in_seconds=pause)
                    await asyncio.sleep(pause)
        except TooManyDeadLetters as error:
            self.stopped_because = str(error)
            log.critical("consumer_stopped", reason=str(error))
        finally:
            await self._dead.stop()

    def _without(self) -> float:
        """Seconds without an assignment."""
        return 0.0 if self.without_since is None else time.monotonic() - self.without_since

    def stop(self) -> None:
        """Ask it to end after the batch in hand."""
        self._stopping.set()

    async def _consume(self) -> None:
        listener = _Listener(self)
        self._held.clear()
        self._ahead = Ahead()
        self.without_since = time.monotonic()
        self._client = client = await start_group_consumer(
            self._bootstrap,
            *self._dispatch.topics,
            *self._also,
            group=self._service,
            instance=self._instance,
            listener=listener,
        )
        try:
            while not self._stopping.is_set():
                await self._next_batch(client)
                if self._without() > _JOINING:
                    raise TimeoutError(f"no partitions were assigned for {_JOINING:.0f} s")
        finally:
            self.without_since = time.monotonic()
            self._client = None
            if self._stopping.is_set():
                leaves_for_good(client)
            await stop(client)

    async def _next_batch(self, client: Any) -> None:
        """Write one batch and commit its offsets; while the database works, the batch after it is made out."""
        ahead, self._ahead = self._ahead, Ahead()
        batch = ahead.records or await self._read(client, timeout_ms=100 if self._held else 1000)
        for partition in [p for p, held in self._held.items() if held.due <= time.monotonic()]:
            batch[partition] = self._held[partition].records
        if not any(batch.values()):
            return
        working = asyncio.create_task(self._process(batch, ahead.received))
        try:
            if sum(map(len, batch.values())) >= _MANY and not self._held:
                await self._look_ahead(client)
        finally:
            done = await working  # ended by the second cancellation, if by none before
        for partition in self._held:
            self._held[partition].records += self._ahead.drop(partition)
        try:
            if done:
                async with patiently("committing"):
                    await client.commit(done)
        except CommitFailedError as error:
            log.warning("offsets_not_committed", error=repr(error))

    async def _read(self, client: Any, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        try:
            return await records_of(client, timeout_ms=timeout_ms)
        except NoOffsetForPartitionError as error:
            log.info("partition_read_from_its_beginning", partition=str(error.args[0]))
            beginning = (error.args[0],)
        except OffsetOutOfRangeError as error:
            # The log was cut or emptied behind our back. Reading on at its end would skip in silence; the inbox makes
            # reading again from its beginning harmless.
            log.error("offset_out_of_range_reading_from_the_beginning", error=repr(error))
            beginning = tuple(error.args[0])
        async with patiently("seeking"):
            await client.seek_to_beginning(*beginning)
        return {}

    async def _look_ahead(self, client: Any) -> None:
        """Make events of what the client has fetched meanwhile, a few at a time, between answers of the database."""
        self._ahead = ahead = Ahead(await self._read(client, timeout_ms=0))
        for partition, records in list(ahead.records.items()):
            received: list[Received] = []
            for few in range(0, len(records), _A_FEW):
                await asyncio.sleep(0)
                try:
                    received += self._made_out(records[few : few + _A_FEW])
                except Exception:  # whatever is wrong is told when its turn comes
                    return
            ahead.received[partition] = received

    def _made_out(self, records: Sequence[Any]) -> list[Received]:
        return [one for record in records if (one := received_in(record, self._dispatch.wants)) is not None]

    async def _process(
        self, batch: dict[TopicPartition, list[Any]], known: dict[TopicPartition, list[Received]]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        """The next offset of each partition, with the reason where it is held; all at once if the batch succeeds."""
        number = sum(map(len, batch.values()))
        metrics.batch_size.observe(number)
        try:
            received: list[Received] = []
            for partition, records in batch.items():
                received += known[partition] if partition in known else self._made_out(records)
            await self._apply(received)
        except Exception as error:  # whatever it was: the records are now tried one by one
            if not isinstance(error, RETRYABLE):
                log.warning("batch_falls_back_to_single_records", records=number, error=repr(error))
            return {partition: await self._one_by_one(partition, rs) for partition, rs in batch.items()}
        self._in_a_row = 0
        for partition in batch:
            self._release(partition)
        return {partition: OffsetAndMetadata(rs[-1].offset + 1, "") for partition, rs in batch.items()}

    async def _apply(self, received: Sequence[Received]) -> None:
        if not received:
            return
        async with self._database.transaction(actor=f"service:{self._service}") as tx:
            await self._effects(tx, received)

    async def _effects(self, tx: Transaction, received: Sequence[Received]) -> None:
        new = await take_new(tx, received)
        if new:
            await self._dispatch.run(tx, new)

    async def _one_by_one(self, partition: TopicPartition, records: list[Any]) -> OffsetAndMetadata:
        """Process what can be processed; a fault of the moment holds the partition at that record."""
        for index, record in enumerate(records):
            try:
                await self._single(record)
            except RETRYABLE as error:
                self._hold(partition, records[index:], error)
                return OffsetAndMetadata(record.offset, f"held: {error!r}"[:500])
        self._release(partition)
        return OffsetAndMetadata(records[-1].offset + 1, "")

    async def _single(self, record: Any) -> None:
        failure: Exception | None = None
        for attempt in range(1, _TRIES + 1):
            try:
                received = received_in(record, self._dispatch.wants)
                if received is not None:
                    await self._apply([received])
                self._in_a_row = 0
                return
            except RETRYABLE:
                raise
            except ValueError as error:
                failure = error
                break
            except Exception as error:  # a reaction that fails: tried again, then given up with its reason
                failure = error
                await asyncio.sleep(0.05 * attempt)
        assert failure is not None
        await self._dead.bury(record, f"{type(failure).__name__}: {failure}", failure)
        self._in_a_row += 1
        if self._in_a_row >= _TOO_MANY_IN_A_ROW:
            raise TooManyDeadLetters(f"{self._in_a_row} records in a row could not be processed: {failure!r}")

    def _hold(self, partition: TopicPartition, records: list[Any], error: BaseException) -> None:
        held = self._held.get(partition)
        attempt = held.attempt + 1 if held else 1
        wait = min(0.1 * 2**attempt, 10.0)
        self._held[partition] = Held(records, attempt, time.monotonic() + wait)
        self._client.pause(partition)
        log.warning("partition_held", partition=str(partition), seconds=wait, attempt=attempt, error=repr(error))

    def _release(self, partition: TopicPartition) -> None:
        if self._held.pop(partition, None) and partition in self._client.assignment():
            self._client.resume(partition)

    async def lag(self) -> dict[str, int]:
        """Records of each topic not yet processed by this member."""
        client = self._client
        if client is None:
            return {}
        found: dict[str, int] = {}
        for partition in client.assignment():
            end, committed = client.highwater(partition), client.last_stable_offset(partition)
            position = await client.position(partition)
            found[partition.topic] = found.get(partition.topic, 0) + max(0, (end or committed or position) - position)
        return found


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Keeps what is held, and readiness, in step with the partitions this member has."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        # Said again at every attempt to join, so the first time counts.
        self._consumer.without_since = self._consumer.without_since or time.monotonic()
        for partition in revoked:
            self._consumer._held.pop(partition, None)
            self._consumer._ahead.drop(partition)

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:  # noqa: ARG002 - the interface gives it
        self._consumer.without_since = None

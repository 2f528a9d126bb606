"""Following topics without a group: every worker's in-memory copy, brought up to the end whenever that matters."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from aiokafka import TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from common.background import begin, end
from common.events import Event, decode, event_types
from common.kafka import partitions_of, start_reader, stop, text_headers
from common.kafka_faults import FAULTS, check, records_of
from common.telemetry import log

Apply: TypeAlias = Callable[[Sequence[Event]], Awaitable[None]]


class Follower:
    """Reads all partitions of some topics from given offsets on and applies each event once and in order per key.

    `catch_up` makes every event that was in the topics when it was called part of the copy: of any two events the
    later one therefore sees the earlier, whatever worker handles it (`design.md` 6).
    """

    def __init__(
        self, *, bootstrap: str, name: str, topics: Sequence[str], apply: Apply, only_new: bool = False
    ) -> None:
        """`only_new` begins at the ends: for news that is worth something only at the moment."""
        self._only_new = only_new
        self._bootstrap = bootstrap
        self._name = name
        self._topics = topics
        self._apply = apply
        self._reader: Any = None
        self._asker: Any = None
        self._applied: dict[TopicPartition, int] = {}
        self._progress = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, offsets: Mapping[TopicPartition, int] | None = None) -> None:
        """Begin at these offsets, elsewhere at the beginning. The copy must hold all that came before them."""
        self._applied = {partition: o for partition, o in (offsets or {}).items() if partition.topic in self._topics}
        await self._connect()
        self._tasks = [begin(self._follow, f"{self._name} follower")]

    async def stop(self) -> None:
        await end(self._tasks)
        await self._disconnect()

    async def catch_up(self, timeout: float = 30) -> None:
        """Return once everything that is in the topics now has been applied; TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            applied = dict(self._applied)
            ends = await self._asker.end_offsets(list(applied))
            if any(applied[partition] > end for partition, end in ends.items()):
                # The log was shortened and the reader has not noticed: what stands there now is not what was applied.
                self._forget()
            async with self._progress:
                await self._progress.wait_for(lambda: all(self._applied[tp] >= end for tp, end in ends.items()))

    async def _connect(self) -> None:
        """Where the topics end is asked over a connection of its own.

        On the reader's, the question would wait behind a fetch that the broker answers only when something arrives, or
        after two seconds.
        """
        try:
            self._reader = reader = await start_reader(self._bootstrap, f"{self._name}-follower")
            self._asker = await start_reader(self._bootstrap, f"{self._name}-ends")
            self._asker._client.set_topics(self._topics)
            partitions = await partitions_of(reader, self._topics)
            reader.assign(partitions)
            begins = await (reader.end_offsets if self._only_new else reader.beginning_offsets)(partitions)
        except BaseException:
            await self._disconnect()
            raise
        for partition in partitions:
            if self._applied.get(partition, -1) < 0:
                self._applied[partition] = begins[partition]
            reader.seek(partition, self._applied[partition])

    async def _disconnect(self) -> None:
        await asyncio.gather(*(stop(client) for client in (self._reader, self._asker) if client is not None))

    async def _follow(self) -> None:
        while True:
            if self._forgotten:
                await self._reconnect()
            try:
                await self._take_in(await records_of(self._reader, timeout_ms=1000))
                check(self._asker)
            except OffsetOutOfRangeError:
                self._forget()
            except Exception as error:  # whatever it was: once more from where all was applied, nothing is left out
                log.warning("follower_interrupted", error=repr(error), exc_info=not isinstance(error, FAULTS))
                await self._reconnect()

    async def _take_in(self, batch: Mapping[TopicPartition, Sequence[Any]]) -> None:
        for partition, records in batch.items():
            await self._apply([event for record in records if (event := _readable(record))])
            if self._forgotten:
                break
            async with self._progress:
                self._applied[partition] = records[-1].offset + 1
                self._progress.notify_all()

    def _forget(self) -> None:
        """Begin again. Every offset is set before the first: whoever catches up meanwhile waits until all is read."""
        log.error("follower_begins_again", topics=list(self._topics))
        self._applied = dict.fromkeys(self._applied, -1)

    @property
    def _forgotten(self) -> bool:
        return -1 in self._applied.values()

    async def _reconnect(self) -> None:
        await self._disconnect()
        while True:
            await asyncio.sleep(0.5)
            try:
                return await self._connect()
            except FAULTS as error:
                log.debug("follower_waits_for_broker", error=repr(error))


def _readable(record: Any) -> Event | None:
    """The event of a record; what cannot be read is left to the group consumer, which reports it."""
    event_class = event_types().get(text_headers(record).get("ce_type", ""))
    try:
        return decode(event_class, record.value) if event_class else None
    except ValueError:
        return None

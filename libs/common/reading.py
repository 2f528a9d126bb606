"""Reading whole topics without a group: for whoever compares, counts or begins anew."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition

from common.kafka import partitions_of, start_reader, stop
from common.kafka_faults import records_of


class Reading:
    """Some topics from some offsets on; `to_the_end` may be called again for what came since."""

    def __init__(self, reader: Any, asker: Any, partitions: Sequence[TopicPartition]) -> None:
        self._reader = reader
        self._asker = asker
        self.partitions = partitions
        self.next: dict[TopicPartition, int] = {}
        """The next offset to read of each partition: everything before it has been handed out."""

    async def begins(self) -> dict[TopicPartition, int]:
        return await self._asker.beginning_offsets(self.partitions)  # type: ignore[no-any-return]

    async def ends(self) -> dict[TopicPartition, int]:
        """Asked over a connection of its own: on the reader's it would wait behind a fetch."""
        return await self._asker.end_offsets(self.partitions)  # type: ignore[no-any-return]

    def start_at(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._reader.assign(self.partitions)
        self.next = dict(offsets)
        for partition, offset in offsets.items():
            self._reader.seek(partition, offset)

    async def start_at_time(self, moment: datetime) -> bool:
        """Leave out what was sent before this moment; whether there was anything to leave out."""
        asked = {partition: int(moment.timestamp() * 1000) for partition in self.partitions}
        found, ends, begins = await self._asker.offsets_for_times(asked), await self.ends(), await self.begins()
        self.start_at({p: found[p].offset if found[p] else ends[p] for p in self.partitions})
        return any(self.next[partition] > begins[partition] for partition in self.partitions)

    async def to_the_end(self) -> AsyncIterator[list[Any]]:
        """Batches of records, those of a partition in order, up to where the topics end now."""
        ends = await self.ends()
        while any(self.next[partition] < end for partition, end in ends.items()):
            found = await records_of(self._reader, timeout_ms=1000)
            for partition, records in found.items():
                self.next[partition] = records[-1].offset + 1
            if found:
                yield [record for records in found.values() for record in records]


@asynccontextmanager
async def reading(bootstrap: str, *topics: str, patience: float = 10) -> AsyncIterator[Reading]:
    """Open at the beginning of these topics. TimeoutError when one of them is not there within `patience` seconds."""
    reader = await start_reader(bootstrap, "reading")
    asker = await start_reader(bootstrap, "reading-ends")
    try:
        async with asyncio.timeout(patience):
            partitions = await partitions_of(reader, topics)
            await partitions_of(asker, topics)
        opened = Reading(reader, asker, partitions)
        opened.start_at(await opened.begins())
        yield opened
    finally:
        await stop(reader)
        await stop(asker)

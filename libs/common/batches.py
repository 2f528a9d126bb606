"""Many records to a topic, in whole batches: one acknowledgement each, in order within a partition."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

_hashed = DefaultPartitioner()


class Record(NamedTuple):
    """What a record holds; its key decides on its partition where none is named."""

    value: bytes
    key: bytes
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """So many records from this offset on; -1 where the broker says that it had them already, but not where."""

    partition: int
    first: int
    count: int


async def by_partition(producer: AIOKafkaProducer, topic: str, records: Iterable[Record]) -> Mapping[int, list[Record]]:
    """The records by the partition of their key, as every Kafka client computes it; each list in their order."""
    partitions = tuple(sorted(await producer.partitions_for(topic)))
    found: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        found[_partition_of(record.key, partitions)].append(record)
    return found


@lru_cache(10_000)
def _partition_of(key: bytes, partitions: tuple[int, ...]) -> int:
    """The library's hash is written in Python and takes a third of a sending's time; events come in runs."""
    return int(_hashed(key, partitions, partitions))


async def write(
    producer: AIOKafkaProducer, topic: str, partition: int, records: Iterable[Record]
) -> list[Acknowledged]:
    """Send these, each batch once the one before it is acknowledged; Kafka's faults leave out the batches after."""
    acknowledged: list[Acknowledged] = []
    batch = producer.create_batch()
    for record in records:
        if not _append(batch, record):
            acknowledged.append(await _send(producer, topic, partition, batch))
            batch = producer.create_batch()
            _append(batch, record)
    if batch.record_count():
        acknowledged.append(await _send(producer, topic, partition, batch))
    return acknowledged


def _append(batch: Any, record: Record) -> bool:
    """Whether there was room for it; for the first of a batch there always is."""
    return batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers) is not None


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, batch: Any) -> Acknowledged:
    batch.close()
    at = await (await producer.send_batch(batch, topic, partition=partition))
    return Acknowledged(partition, at.offset, batch.record_count())

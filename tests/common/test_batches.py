"""Whole batches against the real broker: places, order, and acknowledgements that tell where everything stands."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError

from common.batches import Acknowledged, Record, by_partition, write
from common.ids import new_id
from common.kafka import PARTITIONS, start_producer, stop
from common.reading import reading
from tests.conftest import Servers

TOPIC = "batches"
LARGE = b"x" * 100_000


@pytest_asyncio.fixture(scope="module", autouse=True)
async def _topic(servers: Servers) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    await admin.close()


def record(value: bytes, key: bytes = b"") -> Record:
    return Record(value, key, [("name", value[:10])])


async def test_a_record_goes_where_a_plain_send_puts_it(producer: Any) -> None:
    keys = [str(new_id()).encode() for _ in range(50)]
    parts = await by_partition(producer, TOPIC, (record(b"value", key) for key in keys))
    plain = {key: (await producer.send_and_wait(TOPIC, b"value", key=key)).partition for key in keys}
    assert {one.key: partition for partition, records in parts.items() for one in records} == plain


async def test_more_than_a_batch_is_written_in_order_and_acknowledged_without_a_gap(
    servers: Servers, producer: Any
) -> None:
    wanted = [record(b"%02d" % number + LARGE) for number in range(10)]
    acknowledged = await write(producer, TOPIC, 2, wanted)
    assert len(acknowledged) > 1
    assert sum(one.count for one in acknowledged) == len(wanted)
    for before, after in pairwise(acknowledged):
        assert after == Acknowledged(2, before.first + before.count, after.count)
    found = await _read(servers, partition=2, first=acknowledged[0].first)
    assert found == [(one.value, one.key, tuple(one.headers)) for one in wanted]


async def test_a_record_larger_than_a_batch_has_one_of_its_own(producer: Any) -> None:
    wanted = [record(b"small"), record(LARGE * 5), record(b"small")]
    assert [one.count for one in await write(producer, TOPIC, 1, wanted)] == [1, 1, 1]


async def test_what_the_broker_refuses_is_raised_and_what_came_before_is_there(servers: Servers) -> None:
    producer = await start_producer(servers.broker.bootstrap, "refused")  # its sequence numbers are spoilt afterwards
    try:
        (before,) = await write(producer, TOPIC, 3, [record(b"before")])
        with pytest.raises(MessageSizeTooLargeError):
            await write(producer, TOPIC, 3, [record(b"kept" + LARGE), record(LARGE * 30), record(b"never")])
    finally:
        await stop(producer)
    found = await _read(servers, partition=3, first=before.first)
    assert [value[:6] for value, *_ in found] == [b"before", b"keptxx"]


async def test_partitions_are_written_side_by_side(producer: Any) -> None:
    parts = [[record(b"%d" % number) for number in range(100)] for _ in range(4)]
    done = await asyncio.gather(*(write(producer, TOPIC, at, part) for at, part in enumerate(parts)))
    assert [[one.partition for one in part] for part in done] == [[0], [1], [2], [3]]


async def _read(servers: Servers, *, partition: int, first: int) -> list[Any]:
    found = []
    async with reading(servers.broker.bootstrap, TOPIC) as topic:
        async for batch in topic.to_the_end():
            found += [one for one in batch if one.partition == partition and one.offset >= first]
    return [(one.value, one.key, one.headers) for one in found]

"""Emptying a service's topic for good, so that it can be filled again in order: see `common.refilling`."""

import asyncio
from collections.abc import Mapping
from itertools import repeat
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError

from common.batches import Record, write
from common.kafka import start_producer, stop
from common.telemetry import log
from common.topic_bounds import begins_of, ends_of, mark_shortened

_HEADERS = [("ce_type", b"org.alliance.padding"), ("ce_id", b"00000000-0000-0000-0000-000000000000")]
_PADDING = Record(b"", b"", _HEADERS)

_NOTES_EVERY = "log.flush.start.offset.checkpoint.interval.ms"
_FIRST_NOTE = 30.0
"""Seconds after its start when a broker begins to note where its logs begin."""


class DeletionForgotten(KafkaError):  # type: ignore[misc]
    """The broker was killed before it had noted that the log was emptied."""


async def empty(connection: Any, service: str, bootstrap: str) -> None:
    """Delete all records, and let the log begin anew where no reader can have been yet.

    A reader that stayed connected keeps its position. Were that inside of the new log, it would read on in the middle:
    so the log is first made as long as it ever was, with records that nobody reacts to, and deleted up to there.

    A broker notes only now and then where its logs begin. One that is killed before that has all of it again, in the
    old order, so nothing is sent until it is noted; whatever happens until then, this is done again.
    """
    await mark_shortened(connection)
    known = await connection.fetch("SELECT partition, abs(next_offset) AS next_offset FROM topic_position")
    ends = await ends_of(bootstrap, service)
    lacking = {row["partition"]: row["next_offset"] - ends.get(row["partition"], 0) for row in known}
    await _pad(service, bootstrap, {partition: count for partition, count in lacking.items() if count > 0})
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="refill")
    try:
        await asyncio.wait_for(client.start(), 15)
        noted_within = await _notes_within(client)
        now = await ends_of(bootstrap, service)
        await client.delete_records({TopicPartition(service, p): RecordsToDelete(end) for p, end in now.items() if end})
        await _until_noted(service, noted_within)
    finally:
        await client.close()
    if await begins_of(bootstrap, service) != now:
        raise DeletionForgotten(f"the broker has the deleted records of {service} again")


async def _notes_within(client: AIOKafkaAdminClient) -> float:
    """Seconds after which every broker has noted where its logs begin."""
    brokers = [str(broker["node_id"]) for broker in (await client.describe_cluster())["brokers"]]
    asked = [ConfigResource(ConfigResourceType.BROKER, broker, {_NOTES_EVERY: None}) for broker in brokers]
    answers = await client.describe_configs(asked)
    entries = [entry for answer in answers for resource in answer.resources for entry in resource[4]]
    return _FIRST_NOTE + max((int(entry[1]) / 1000 for entry in entries), default=60.0) + 1.0


async def _until_noted(service: str, seconds: float) -> None:
    log.warning("refill_waits_until_the_broker_has_noted_the_deletion", topic=service, seconds=seconds)
    await asyncio.sleep(seconds)


async def _pad(service: str, bootstrap: str, counts: Mapping[int, int]) -> None:
    producer = await start_producer(bootstrap, f"{service}-refill")
    try:
        for partition, count in counts.items():
            await write(producer, service, partition, repeat(_PADDING, count))
    finally:
        await stop(producer)

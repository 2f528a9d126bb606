"""Clients of the broker with the settings that were measured; nothing else here builds a producer or a consumer."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from common.kafka_faults import FAULTS, told_apart
from common.telemetry import log

PARTITIONS = 4
"""Partitions of a service's topic; as many workers of one service can share its work."""


_STARTS_WITHIN = 15.0


def dead_letter_topic(service: str) -> str:
    return f"{service}.dead"


def replay_topic(service: str) -> str:
    """What this service alone is given again: dead letters that an operator replays."""
    return f"{service}.replay"


async def start_producer(bootstrap: str, client_id: str) -> AIOKafkaProducer:
    """An idempotent producer that waits for all replicas; hands over whole batches, so it never lingers."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=262_144,
        max_request_size=1_048_576,
        retry_backoff_ms=250,
        request_timeout_ms=10_000,
        metadata_max_age_ms=60_000,
    )
    await _start(producer)
    return producer


async def start_group_consumer(bootstrap: str, *topics: str, group: str, instance: int, listener: Any) -> Any:
    """A member of the service's group with a static id: a restarted process gets its partitions back at once."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=f"{group}-{instance}",
        group_id=group,
        group_instance_id=f"{group}-{instance}",
        enable_auto_commit=False,
        auto_offset_reset="none",
        session_timeout_ms=30_000,
        heartbeat_interval_ms=3_000,
        max_poll_interval_ms=600_000,
        fetch_max_wait_ms=2_000,
        retry_backoff_ms=250,
        metadata_max_age_ms=60_000,
    )
    consumer.subscribe(topics=list(topics), listener=listener)
    await _start(consumer)
    return consumer


async def start_reader(bootstrap: str, client_id: str) -> Any:
    """A reader without a group; the caller assigns partitions and seeks."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=2_000,
        retry_backoff_ms=250,
        metadata_max_age_ms=60_000,
    )
    await _start(consumer)
    return consumer


async def partitions_of(reader: Any, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of these topics; waits until each topic is there."""
    partitions: list[TopicPartition] = []
    for topic in topics:
        found = await reader._client.force_metadata_update() and reader.partitions_for_topic(topic)
        while not found:
            await asyncio.sleep(0.2)
            reader._client.add_topic(topic)
            await reader._client.force_metadata_update()
            found = reader.partitions_for_topic(topic)
        partitions += [TopicPartition(topic, number) for number in sorted(found)]
    return partitions


async def committed_offsets(bootstrap: str, group: str) -> dict[TopicPartition, int]:
    """The next offset of each partition the group has dealt with; nothing of a group that has not begun.

    Raises Kafka's faults, also where the group's coordinator is there and cannot say.
    """
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=f"{group}-offsets")
    try:
        await asyncio.wait_for(client.start(), 15)
        return {partition: known.offset for partition, known in (await offsets_of(client, group)).items()}
    finally:
        with suppress(*FAULTS):
            await client.close()


async def offsets_of(client: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, OffsetAndMetadata]:
    """What a group has committed and noted beside it.

    aiokafka's own call takes a coordinator that refuses to answer for a group that has committed nothing.
    """
    answer = await client._send_request(OffsetFetchRequest(group, None), await client.find_coordinator(group))
    codes = [answer.error_code, *(code for _topic, rows in answer.topics for *_row, code in rows)]
    if refused := next(filter(None, codes), 0):
        raise for_code(refused)(f"the offsets of {group}")
    return {
        TopicPartition(topic, number): OffsetAndMetadata(offset, noted)
        for topic, rows in answer.topics
        for number, offset, noted, _code in rows
        if offset >= 0
    }


async def _start(client: Any) -> None:
    """Start, or leave nothing behind: aiokafka keeps connections open when start fails."""
    try:
        with told_apart():
            await asyncio.wait_for(client.start(), _STARTS_WITHIN)
    except TimeoutError as error:
        await stop(client)
        raise TimeoutError(f"the client has not started within {_STARTS_WITHIN:.0f} s") from error
    except BaseException:
        await stop(client)
        raise


async def stop(client: Any) -> None:
    """Stop within three seconds; what an unreachable broker has not acknowledged is still in the outbox."""
    try:
        with told_apart():
            await asyncio.wait_for(client.stop(), 2)
    except Exception as error:  # whatever it was: the client is given up
        log.debug("kafka_client_not_stopped_cleanly", error=repr(error))
        for task in _tasks_of(client):
            task.cancel()
        connections = client.client if isinstance(client, AIOKafkaProducer) else client._client
        with suppress(*FAULTS), told_apart():
            await asyncio.wait_for(connections.close(), 1)


def _tasks_of(client: Any) -> Iterator["asyncio.Task[Any]"]:
    """What a client that could not stop would go on with: to fetch, to send and to connect anew for that."""
    for part in ("_coordinator", "_fetcher", "_sender"):
        if hasattr(client, part):
            for value in vars(getattr(client, part)).values():
                for one in value if isinstance(value, set) else [value]:
                    if isinstance(one, asyncio.Task):
                        yield one


def leaves_for_good(consumer: Any) -> None:
    """Let `stop` tell the group that this member goes, so that others take its partitions at once.

    aiokafka never says so for a member with a static id, because a restart is to find its partitions waiting. That is
    right after a crash; after an orderly stop it would leave them unread for a whole session timeout.
    """
    consumer._coordinator._group_instance_id = None


def text_headers(record: Any) -> Mapping[str, str]:
    """A record's headers as text; the last of a repeated name counts."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}

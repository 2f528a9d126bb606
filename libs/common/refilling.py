"""Filling a topic again from its service's published rows, after the broker lost its log or has an older one.

Whoever calls this holds the relay's lock: nothing newer may be sent before what is missing, because readers leave out
what is older than the version they have applied. Where that has happened already, and nothing but retained rows is in
the topic, it is emptied and filled in the right order; every reader then begins at its beginning and its inbox knows
what has had its effect.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError

from common.kafka import partitions_of, start_producer, start_reader, stop, text_headers
from common.outbox import record_headers
from common.reading import reading
from common.telemetry import log

_BATCH = 1000
_CLOCKS = timedelta(days=1)
"""The broker's records bear the clock of the relay's host, the rows that of the database's."""

_PADDING = [("ce_type", b"org.alliance.padding"), ("ce_id", b"00000000-0000-0000-0000-000000000000")]
_RETAINED = """
SELECT published_at, seq, id, aggregateid, created_at FROM published
WHERE $1::timestamptz IS NULL OR published_at >= $1 ORDER BY published_at, seq
"""
_POSITIONS = """
INSERT INTO topic_position AS p SELECT * FROM unnest($1::int[], $2::bigint[])
ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
"""
_ROWS = """
SELECT p.* FROM published p
JOIN unnest($1::timestamptz[], $2::bigint[]) AS wanted (published_at, seq) USING (published_at, seq)
ORDER BY p.published_at, p.seq
"""


_NOTES_EVERY = "log.flush.start.offset.checkpoint.interval.ms"
_FIRST_NOTE = 30.0
"""Seconds after its start when a broker begins to note where its logs begin."""


class DeletionForgotten(KafkaError):  # type: ignore[misc]
    """The broker was killed before it had noted that the log was emptied."""


@dataclass(frozen=True)
class Refilled:
    """What was found and done: rows looked at, rows sent, whether the topic was emptied first.

    `out_of_order`: aggregates of which the topic now holds an older version behind a newer one, because a newer event
    was sent to the shortened log before this and older history forbids to empty it.
    """

    retained: int
    sent: int
    emptied: bool
    out_of_order: int


@dataclass(frozen=True)
class _Found:
    """The events of the topic; `foreign`: it holds more than the rows that are retained or wait."""

    ids: frozenset[UUID]
    foreign: bool


async def refill(connection: Any, *, service: str, bootstrap: str, since: datetime | None = None) -> Refilled:
    """Send what is retained (published since then) and not in the topic, in the order it was first sent.

    `connection`: on the service's schema, holding the relay's lock. Raises Kafka's and the database's faults; what was
    sent until then is known as sent by the next call.
    """
    rows = await connection.fetch(_RETAINED, since)
    if not rows:
        return Refilled(0, 0, emptied=False, out_of_order=0)
    known = [*rows, *await connection.fetch("SELECT id, aggregateid FROM outbox ORDER BY seq")]
    oldest = min(row["created_at"] for row in rows)
    found = await _look(bootstrap, service, oldest, {row["id"] for row in known})
    missing = [row for row in rows if row["id"] not in found.ids]
    overtaken = _overtaken(known, found.ids)
    emptied = bool(overtaken) and since is None and not found.foreign
    if emptied:
        log.warning("topic_emptied_to_restore_its_order", topic=service, aggregates=len(overtaken))
        await _empty(connection, service, bootstrap)
        missing, overtaken = rows, set()
    if missing:
        await _send(connection, service, bootstrap, missing)
    await keep_positions(connection, await ends_of(bootstrap, service))
    log.info("topic_refilled", topic=service, retained=len(rows), sent=len(missing), emptied=emptied)
    return Refilled(len(rows), len(missing), emptied, len(overtaken))


async def ends_of(bootstrap: str, service: str) -> dict[int, int]:
    """The next offset of each partition of a service's topic; TimeoutError while there is no such topic."""
    return await _bounds_of(bootstrap, service, "end_offsets")


async def _begins_of(bootstrap: str, service: str) -> dict[int, int]:
    return await _bounds_of(bootstrap, service, "beginning_offsets")


async def _bounds_of(bootstrap: str, service: str, which: str) -> dict[int, int]:
    reader = await start_reader(bootstrap, f"{service}-bounds")
    try:
        async with asyncio.timeout(10):
            found = await getattr(reader, which)(await partitions_of(reader, [service]))
        return {partition.partition: offset for partition, offset in found.items()}
    finally:
        await stop(reader)


async def is_shortened(connection: Any, *, service: str, bootstrap: str) -> bool:
    """Whether the topic ends before what the broker has acknowledged: it lost its log, or has an older one."""
    known = await connection.fetch("SELECT partition, next_offset FROM topic_position")
    ends = await ends_of(bootstrap, service)
    return any(row["next_offset"] < 0 or ends.get(row["partition"], 0) < row["next_offset"] for row in known)


async def mark_shortened(connection: Any) -> None:
    """Remember that something was lost, also where the log has grown since beyond where it was: refilling ends it."""
    await connection.execute("UPDATE topic_position SET next_offset = -next_offset WHERE next_offset > 0")


async def keep_positions(connection: Any, positions: Mapping[int, int]) -> None:
    """Up to where the topic is acknowledged from now on."""
    await connection.execute(_POSITIONS, list(positions), list(positions.values()))


async def _look(bootstrap: str, service: str, oldest: datetime, known: set[UUID]) -> _Found:
    async with reading(bootstrap, service) as topic:
        older = await topic.start_at_time(oldest - _CLOCKS)
        ids: set[UUID] = set()
        strange = 0
        async for batch in topic.to_the_end():
            for record in batch:
                try:
                    ids.add(UUID(text_headers(record).get("ce_id", "")))
                except ValueError:
                    strange += 1
        return _Found(frozenset(ids), older or bool(strange) or not ids <= known)


def _overtaken(rows: Sequence[Any], there: frozenset[UUID]) -> set[UUID]:
    """Aggregates of which an event is missing while a later one is in the topic."""
    lacking: set[UUID] = set()
    overtaken: set[UUID] = set()
    for row in rows:
        if row["id"] not in there:
            lacking.add(row["aggregateid"])
        elif row["aggregateid"] in lacking:
            overtaken.add(row["aggregateid"])
    return overtaken


async def _empty(connection: Any, service: str, bootstrap: str) -> None:
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
        wait = await _notes_within(client)
        now = await ends_of(bootstrap, service)
        await client.delete_records({TopicPartition(service, p): RecordsToDelete(end) for p, end in now.items() if end})
        log.warning("refill_waits_until_the_broker_has_noted_the_deletion", topic=service, seconds=wait)
        await asyncio.sleep(wait)
    finally:
        await client.close()
    if await _begins_of(bootstrap, service) != now:
        raise DeletionForgotten(f"the broker has the deleted records of {service} again")


async def _notes_within(client: AIOKafkaAdminClient) -> float:
    """Seconds after which every broker has noted where its logs begin."""
    brokers = [str(broker["node_id"]) for broker in (await client.describe_cluster())["brokers"]]
    asked = [ConfigResource(ConfigResourceType.BROKER, broker, {_NOTES_EVERY: None}) for broker in brokers]
    answers = await client.describe_configs(asked)
    entries = [entry for answer in answers for resource in answer.resources for entry in resource[4]]
    return _FIRST_NOTE + max((int(entry[1]) / 1000 for entry in entries), default=60.0) + 1.0


async def _pad(service: str, bootstrap: str, counts: Mapping[int, int]) -> None:
    producer = await start_producer(bootstrap, f"{service}-refill")
    try:
        for partition, count in counts.items():
            for start in range(0, count, _BATCH):
                size = min(_BATCH, count - start)
                acks = [await producer.send(service, b"", partition=partition, headers=_PADDING) for _ in range(size)]
                await asyncio.gather(*acks)
    finally:
        await stop(producer)


async def _send(connection: Any, service: str, bootstrap: str, rows: Sequence[Any]) -> None:
    producer = await start_producer(bootstrap, f"{service}-refill")
    try:
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            whole = await connection.fetch(_ROWS, [r["published_at"] for r in part], [r["seq"] for r in part])
            acks = [
                await producer.send(
                    service,
                    row["payload"].encode(),
                    key=str(row["aggregateid"]).encode(),
                    headers=record_headers(row, service),
                )
                for row in whole
            ]
            await asyncio.gather(*acks)
    finally:
        await stop(producer)

"""Filling a topic again from its service's published rows, after the broker lost its log or has an older one.

Whoever calls this holds the relay's lock: nothing newer may be sent before what is missing, because readers leave out
what is older than the version they have applied. Where that has happened already, and nothing but retained rows is in
the topic, it is emptied and filled in the right order; every reader then begins at its beginning and its inbox knows
what has had its effect.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from common.batches import by_partition, write
from common.emptying import empty
from common.kafka import start_producer, stop, text_headers
from common.outbox import as_record
from common.reading import reading
from common.telemetry import log
from common.topic_bounds import ends_of, keep_positions

_BATCH = 1000
_CLOCKS = timedelta(days=1)
"""The broker's records bear the clock of the relay's host, the rows that of the database's."""

_RETAINED = """
SELECT published_at, seq, id, aggregateid, created_at FROM published
WHERE $1::timestamptz IS NULL OR published_at >= $1 ORDER BY published_at, seq
"""
_ROWS = """
SELECT p.* FROM published p
JOIN unnest($1::timestamptz[], $2::bigint[]) AS wanted (published_at, seq) USING (published_at, seq)
ORDER BY p.published_at, p.seq
"""


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
        await empty(connection, service, bootstrap)
        missing, overtaken = rows, set()
    if missing:
        await _send(connection, service, bootstrap, missing)
    await keep_positions(connection, await ends_of(bootstrap, service))
    log.info("topic_refilled", topic=service, retained=len(rows), sent=len(missing), emptied=emptied)
    return Refilled(len(rows), len(missing), emptied, len(overtaken))


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


async def _send(connection: Any, service: str, bootstrap: str, rows: Sequence[Any]) -> None:
    producer = await start_producer(bootstrap, f"{service}-refill")
    try:
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            whole = await connection.fetch(_ROWS, [r["published_at"] for r in part], [r["seq"] for r in part])
            parts = await by_partition(producer, service, (as_record(row, service) for row in whole))
            await asyncio.gather(*(write(producer, service, at, records) for at, records in parts.items()))
    finally:
        await stop(producer)

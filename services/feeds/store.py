"""The lists of items: numbered when they are added, read in order after a number."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

import asyncpg
import orjson

from common.database import Reader, Transaction
from common.ids import new_id
from feeds.model import Item

_COLUMNS = """
    subscriber_id, item_id, source_id, source_version, kind, at, title_zh, title_en, summary_zh, summary_en,
    subject_type, subject_id, record, score, words, facets, subscription, traceparent
"""
_FROM_TEXT = _COLUMNS.replace("words, facets, subscription", "words::jsonb, facets::jsonb, subscription::jsonb")
_ADD = f"""
WITH told AS (
    SELECT *, count(*) OVER (PARTITION BY subscriber_id) AS many,
           row_number() OVER (PARTITION BY subscriber_id ORDER BY place) AS nth
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::uuid[], $13::text[], $14::float8[], $15::text[],
                $16::text[], $17::text[], $18::text[]) WITH ORDINALITY AS t ({_COLUMNS}, place)
    WHERE NOT EXISTS (SELECT FROM item i WHERE (i.subscriber_id, i.source_id, i.source_version)
                                             = (t.subscriber_id, t.source_id, t.source_version))
), numbered AS (
    INSERT INTO subscriber AS s (organisation_id, last_number)
    SELECT DISTINCT subscriber_id, many FROM told ORDER BY subscriber_id
    ON CONFLICT (organisation_id) DO UPDATE SET last_number = s.last_number + excluded.last_number
    RETURNING organisation_id, last_number
)
INSERT INTO item (number, {_COLUMNS})
SELECT last_number - many + nth, {_FROM_TEXT} FROM told JOIN numbered ON organisation_id = subscriber_id
RETURNING item_id, subscriber_id, number, traceparent
"""
_ITEM = f"number, {_COLUMNS}"


async def added_items(tx: Transaction, told: Sequence[tuple[Item, str | None]]) -> list[asyncpg.Record]:
    """Add items, each with the trace it came in; returns what was new with its number.

    One statement: the numbers are taken from the subscribers' rows, locked in the order of their ids until the commit.
    """
    once = {(item.subscriber_id, item.source_id, item.source_version): (item, trace) for item, trace in reversed(told)}
    rows = [_row(item, trace) for item, trace in reversed(once.values())]
    return await tx.fetch(_ADD, *(list(column) for column in zip(*rows, strict=True))) if rows else []


def _row(item: Item, traceparent: str | None) -> tuple[object, ...]:
    return (
        item.subscriber_id,
        new_id(),
        item.source_id,
        item.source_version,
        item.kind,
        item.at,
        item.title.zh,
        item.title.en,
        item.summary.zh,
        item.summary.en,
        item.subject_type,
        item.subject_id,
        item.record,
        item.score,
        _json([asdict(word) for word in item.words]),
        _json([facet.model_dump() for facet in item.facets]),
        _json({"id": item.subscription[0], "name": item.subscription[1].model_dump()}) if item.subscription else None,
        traceparent,
    )


def _json(value: object) -> str:
    """As text, because asyncpg takes lists in a list for an array of two dimensions."""
    return orjson.dumps(value).decode()


async def items_after(db: Reader, subscriber_id: UUID, after: int, limit: int) -> list[asyncpg.Record]:
    """The next items of a subscriber, in order."""
    return await db.fetch(
        f"SELECT {_ITEM} FROM item WHERE subscriber_id = $1 AND number > $2 ORDER BY number LIMIT $3",
        subscriber_id,
        after,
        limit,
    )


async def newest_items(db: Reader, subscriber_id: UUID, limit: int) -> list[asyncpg.Record]:
    """The last items of a subscriber, in order."""
    rows = await db.fetch(
        f"SELECT {_ITEM} FROM item WHERE subscriber_id = $1 ORDER BY number DESC LIMIT $2", subscriber_id, limit
    )
    return rows[::-1]


async def last_number(db: Reader, subscriber_id: UUID) -> int:
    """The number of a subscriber's newest item, 0 when nothing was ever told."""
    found = await db.fetch_value("SELECT last_number FROM subscriber WHERE organisation_id = $1", subscriber_id)
    return int(found or 0)


async def items_beyond(db: Reader, reached: Mapping[UUID, int], limit: int) -> list[asyncpg.Record]:
    """For several subscribers at once: up to `limit` items each after the number reached, in order."""
    return await db.fetch(
        f"""
        SELECT i.* FROM unnest($1::uuid[], $2::bigint[]) AS r (reader_id, reached)
        CROSS JOIN LATERAL (
            SELECT {_ITEM} FROM item WHERE subscriber_id = reader_id AND number > reached ORDER BY number LIMIT $3
        ) i ORDER BY subscriber_id, number
        """,
        list(reached),
        list(reached.values()),
        limit,
    )


async def subscribers_beyond(db: Reader, reached: Mapping[UUID, int]) -> list[UUID]:
    """Those of the subscribers who have items after the number reached."""
    rows = await db.fetch(
        """
        SELECT organisation_id FROM unnest($1::uuid[], $2::bigint[]) AS r (reader_id, reached)
        JOIN subscriber ON organisation_id = reader_id AND last_number > reached
        """,
        list(reached),
        list(reached.values()),
    )
    return [row["organisation_id"] for row in rows]

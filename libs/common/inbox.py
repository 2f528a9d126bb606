"""The inbox: which events are new here, decided in the transaction of their effect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common import metrics
from common.database import Transaction
from common.events import Event, decode, event_types
from common.kafka import text_headers

_TAKE = """
WITH taken AS (
    INSERT INTO inbox (event_id) SELECT * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id
)
SELECT (SELECT array_agg(event_id) FROM taken) AS new,
       (SELECT jsonb_object_agg(aggregate_id, version) FROM applied_version
        WHERE aggregate_id = ANY($2::uuid[])) AS seen
"""
_APPLIED = """
INSERT INTO applied_version AS a (aggregate_id, version) SELECT * FROM unnest($1::uuid[], $2::int[])
ON CONFLICT (aggregate_id) DO UPDATE SET version = greatest(a.version, excluded.version)
"""


@dataclass(frozen=True, slots=True)
class Received:
    """An event with its envelope and the record it came in."""

    id: UUID
    event: Event
    actor: str
    trace: dict[str, str]
    record: Any


def received_in(record: Any, wanted: Callable[[str], bool]) -> Received | None:
    """The event of a record, None if its type is not wanted; ValueError if it cannot be read."""
    headers = text_headers(record)
    if "ce_type" not in headers or "ce_id" not in headers:
        raise ValueError("not a CloudEvent: ce_type or ce_id is missing")
    if not wanted(headers["ce_type"]):
        return None
    event = decode(event_types()[headers["ce_type"]], record.value or b"")
    trace = {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
    return Received(UUID(headers["ce_id"]), event, headers.get("ce_actor", "unknown"), trace, record)


async def take_new(tx: Transaction, batch: Sequence[Received]) -> list[Received]:
    """Those of the batch that have had no effect here, in order, their ids and versions noted in this transaction.

    An event whose aggregate is already at its version or beyond is stale (a second copy under another id) and is
    left out. A version that skips some is applied: a service sees only the events it reacts to.
    """
    distinct = {received.id: received for received in batch}
    row = await tx.fetch_row(_TAKE, list(distinct), list({r.event.aggregate_id for r in distinct.values()}))
    assert row is not None
    new, seen = set(row["new"] or ()), {UUID(key): version for key, version in (row["seen"] or {}).items()}
    fresh: list[Received] = []
    for received in distinct.values():
        if received.id not in new:
            continue
        aggregate, version = received.event.aggregate_id, received.event.version
        last = seen.get(aggregate)
        if last is not None and version <= last:
            metrics.stale_events.inc()
            continue
        seen[aggregate] = version
        fresh.append(received)
    if fresh:
        applied = {r.event.aggregate_id: r.event.version for r in fresh}
        await tx.execute(_APPLIED, list(applied), list(applied.values()))
    return fresh

"""Telling subscribers: events become numbered items, and each item a fact of its own."""

from collections.abc import Sequence

from common import telemetry
from common.database import Transaction
from common.events.base import Event
from common.events.feeds import FeedItemAdded
from feeds import news
from feeds.model import items_for
from feeds.store import added_items


async def tell(tx: Transaction, heard: Sequence[tuple[Event, str | None]]) -> None:
    """Add what follows from these events, each with the trace it came in, to the lists of those it concerns."""
    traces = {(event.aggregate_id, event.version): trace for event, trace in heard}
    items = items_for([event for event, _ in heard])
    rows = await added_items(tx, [(item, traces[item.source_id, item.source_version]) for item in items])
    for row in rows:
        with telemetry.continued({"traceparent": row["traceparent"] or ""}, "add item", kind="internal"):
            tx.publish(
                FeedItemAdded(
                    version=1,
                    at=tx.now,
                    item_id=row["item_id"],
                    subscriber_id=row["subscriber_id"],
                    number=row["number"],
                )
            )
    reached = {row["subscriber_id"]: row["number"] for row in sorted(rows, key=lambda row: row["number"])}
    tx.after_commit(lambda: news.spread(reached))

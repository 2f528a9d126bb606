"""One subscriber's listeners and waiting pulls in this process."""

import asyncio

import asyncpg

from common import telemetry
from common.http.connection import chunk_of
from feeds.listener import Listener
from feeds.views import ItemView, frame_of


class Channel:
    """Everything up to `last` has been offered to those who joined."""

    __slots__ = ("last", "listeners", "waiting")

    def __init__(self, last: int) -> None:
        self.last = last
        self.listeners: set[Listener] = set()
        self.waiting: set[asyncio.Future[None]] = set()

    def push(self, row: asyncpg.Record) -> None:
        """Offer the next item to all; its chunk is made once. The trace is that of what the item tells of."""
        if row["number"] <= self.last:
            return
        self.last = row["number"]
        if self.listeners:
            carrier = {"traceparent": row["traceparent"] or ""}
            with telemetry.continued(carrier, "sse push", kind="producer", listeners=len(self.listeners)):
                chunk = chunk_of(frame_of(ItemView.of(row)))
                for listener in self.listeners:
                    listener.push(self.last, chunk)
        self.answer()

    def answer(self) -> None:
        """Let the waiting pulls look."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(None)

    @property
    def empty(self) -> bool:
        return not self.listeners and not self.waiting

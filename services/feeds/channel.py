"""One subscriber's listeners and waiting pulls in this process."""

import asyncio

import asyncpg

from common import telemetry
from common.http.connection import chunk_of
from feeds.listener import Listener
from feeds.views import ItemView, frame_of


class Pull:
    """A pull that waits for the next item; it watches its connection meanwhile."""

    __slots__ = ("answered",)

    def __init__(self) -> None:
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(self) -> None:
        """There may be something new, or no more time."""
        if not self.answered.done():
            self.answered.set_result(None)

    lost = ending = answer

    def resumed(self) -> None:
        """It writes nothing while it waits."""


class Channel:
    """Everything up to `last` has been offered to those who joined."""

    __slots__ = ("last", "listeners", "pulls")

    def __init__(self, last: int) -> None:
        self.last = last
        self.listeners: set[Listener] = set()
        self.pulls: set[Pull] = set()

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
        for pull in self.pulls:
            pull.answer()

    @property
    def empty(self) -> bool:
        return not self.listeners and not self.pulls

"""One open event stream: what waits to be written to it, and how it ends."""

import asyncio
import time
from collections import deque
from uuid import UUID

from starlette.types import Send

from common import metrics
from common.http.connection import Connection

BOUND = 64
"""Chunks that may wait for a client that does not read; the connection's own buffer (64 KiB) comes before them."""
STUCK = 10.0
"""Seconds after which a client that reads nothing of what waits is too slow, however little it is."""


class Listener:
    """Pushes go straight to the connection while it takes them and wait in a bounded queue while it does not."""

    __slots__ = (
        "_connection",
        "_ended",
        "_send",
        "_waiting",
        "_waiting_since",
        "confirmed",
        "cut",
        "ended_by",
        "sent",
        "subscriber_id",
        "token",
        "wrote",
    )

    def __init__(self, *, subscriber_id: UUID, token: str, sent: int, send: Send, connection: Connection) -> None:
        self.subscriber_id = subscriber_id
        self.token = token
        self.sent = sent
        self.ended_by: str | None = None
        self.cut = False
        self.wrote = self.confirmed = time.monotonic()
        self._send = send
        self._connection = connection
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting: deque[bytes] | None = None
        self._waiting_since: float | None = None

    def push(self, number: int, chunk: bytes) -> None:
        """Offer an item unless it has been sent already."""
        if number > self.sent:
            self.sent = number
            self.offer(chunk)

    def offer(self, chunk: bytes) -> None:
        """Write now or keep waiting; a reader with too much waiting is dropped and comes back with Last-Event-ID."""
        if self.ended_by is not None:
            return
        if not self._waiting and not self._connection.full:
            self._connection.write(chunk)
            self.wrote = time.monotonic()
        else:
            self._wait(chunk)

    def _wait(self, chunk: bytes) -> None:
        if self._waiting is None:
            self._waiting = deque()
            self._waiting_since = time.monotonic()
        if len(self._waiting) >= BOUND:
            self.drop()
        else:
            self._waiting.append(chunk)

    def resumed(self) -> None:
        """The client reads again: go on with what waits."""
        while self._waiting and not self._connection.full:
            self._connection.write(self._waiting.popleft())
            self.wrote = time.monotonic()
        if not self._waiting:
            self._waiting = self._waiting_since = None

    def close(self, why: str) -> None:
        """End the stream, saying why; the first reason counts. What waits stays in the list for when they come back."""
        if self.ended_by is None:
            self.ended_by = why
            self._waiting = None
            if not self._ended.done():
                self._ended.set_result(None)

    def lost(self) -> None:
        """The client has gone."""
        self.close("left")

    def ending(self) -> None:
        """The process is ending."""
        self.close("shutting_down")

    def drop(self) -> None:
        """End the stream at once, whatever its reader does."""
        if not self.cut:
            self.cut = True
            metrics.sse_dropped.inc()
            self.close("too_slow")
            self._connection.abort()

    @property
    def stuck(self) -> bool:
        """Whether something has been waiting for the client to read for too long."""
        return self._waiting_since is not None and time.monotonic() - self._waiting_since > STUCK

    async def write(self, content: bytes) -> None:
        """Write from the connection's own task; returns when it has been taken."""
        self.wrote = self._waiting_since = time.monotonic()
        await self._send({"type": "http.response.body", "body": content, "more_body": True})
        self._waiting_since = None

    async def run(self) -> None:
        """Until the stream ends; then say why, or cut a connection that takes no more."""
        await self._ended
        if self._connection.full:
            self._connection.abort()
            await asyncio.sleep(0.1)  # by then the server has noticed that the connection is gone
        else:
            last = f": closed, {self.ended_by}\n\n".encode()
            await self._send({"type": "http.response.body", "body": last, "more_body": False})

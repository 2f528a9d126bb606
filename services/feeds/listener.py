"""One open event stream: what waits to be written to it, and how it ends."""

import asyncio
import time
from collections import deque
from uuid import UUID

from starlette.types import Send

from common import metrics
from common.http.connection import Connection

BOUND = 64
"""Frames that may wait for a client that does not read; the connection's own buffer (64 KiB) comes before them."""
STUCK = 10.0
"""Seconds one write may take before its reader counts as too slow."""


class Listener:
    """Frames are offered at once and written by the connection's own task: nobody waits for a slow reader."""

    __slots__ = (
        "_connection",
        "_frames",
        "_more",
        "_send",
        "_task",
        "_writing_since",
        "confirmed",
        "cut",
        "ending",
        "sent",
        "subscriber_id",
        "token",
        "wrote",
    )

    def __init__(
        self, *, subscriber_id: UUID, token: str, sent: int, send: Send, connection: Connection | None = None
    ) -> None:
        self.subscriber_id = subscriber_id
        self.token = token
        self.sent = sent
        self.ending: str | None = None
        self.cut = False
        self.wrote = self.confirmed = time.monotonic()
        self._send = send
        self._connection = connection
        self._task = asyncio.current_task()
        self._frames: deque[bytes] = deque()
        self._more: asyncio.Future[None] | None = None
        self._writing_since: float | None = None

    def push(self, number: int, frame: bytes) -> None:
        """Offer an item unless it has been sent already."""
        if number > self.sent:
            self.sent = number
            self.offer(frame)

    def offer(self, frame: bytes) -> None:
        """Offer a frame; a reader with too many waiting is dropped and comes back for them with Last-Event-ID."""
        if self.ending is not None:
            return
        if len(self._frames) >= BOUND:
            self.drop()
            return
        self._frames.append(frame)
        self._wake()

    def close(self, why: str, *, unsent: bool = True) -> None:
        """End the stream, saying why, after what waits or (`unsent=False`) without it; the first reason counts."""
        if self.ending is None:
            self.ending = why
            if not unsent:
                self._frames.clear()
            self._wake()

    def drop(self) -> None:
        """End the stream at once, whatever its reader does."""
        if self.cut:
            return
        self.cut = True
        self.ending = self.ending or "too_slow"
        metrics.sse_dropped.inc()
        self._frames.clear()
        self._wake()
        if self._connection is not None:
            self._connection.abort()
        elif self._task is not None:
            self._task.cancel()

    @property
    def stuck(self) -> bool:
        """Whether a write has been waiting for its reader for too long."""
        return self._writing_since is not None and time.monotonic() - self._writing_since > STUCK

    async def write(self, content: bytes, *, last: bool = False) -> None:
        """Returns when the connection has taken it."""
        self.wrote = self._writing_since = time.monotonic()
        await self._send({"type": "http.response.body", "body": content, "more_body": not last})
        self._writing_since = None

    async def run(self) -> None:
        """Write what is offered until the stream ends."""
        while True:
            while self._frames:
                waiting = b"".join(self._frames)
                self._frames.clear()
                await self.write(waiting)
            if self.ending is not None:
                return
            self._more = asyncio.get_running_loop().create_future()
            await self._more
            self._more = None

    def _wake(self) -> None:
        if self._more is not None and not self._more.done():
            self._more.set_result(None)

"""The event stream: raw ASGI, because one listener must cost little; first what was missed, then what comes."""

import asyncio
import random
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from common import metrics
from common.database import Database
from common.errors import AllianceError
from common.http.call import caller_of
from common.http.connection import connection_of
from common.text import Bilingual
from feeds.hub import Hub
from feeds.listener import Listener
from feeds.store import items_after, last_number
from feeds.subscriber import number_in, subscriber_of
from feeds.views import ItemView, frame_of

REPLAYED = 25
"""Missed items written at a time: what a client does not read should stay in the table."""
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class WrongMethod(AllianceError):
    """A stream is read, nothing else."""

    status, code = 405, "http_405"
    title = Bilingual(zh="请求方法或路径不受支持", en="Method Not Allowed")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for which subscriber's stream, from where on; None is from now on."""

    caller_id: UUID
    subscriber_id: UUID
    token: str
    after: int | None


class Stream:
    """`GET /api/feeds/v1/stream`: server-sent events (HTML standard, 9.2), each item with its number as id."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await _asked(Request(scope))
        database: Database = scope["app"].state.database
        last = await last_number(database, asked.subscriber_id)
        sent = last if asked.after is None else min(asked.after, last)
        with self._hub.admission.admitted(asked.caller_id), metrics.sse_listeners.track_inprogress():
            connection = connection_of(scope)
            listener = Listener(
                subscriber_id=asked.subscriber_id, token=asked.token, sent=sent, send=send, connection=connection
            )
            if connection is not None:
                connection.ending = self._hub.end
            self._hub.opened(listener)
            try:
                await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                await self._serve(listener, database, receive)
            finally:
                self._hub.left(listener)
                if connection is not None:
                    connection.ending = None

    async def _serve(self, listener: Listener, database: Database, receive: Receive) -> None:
        leaving = asyncio.ensure_future(_gone(receive))
        leaving.add_done_callback(lambda _: listener.close("left", unsent=False))
        try:
            await listener.write(_greeting(listener.sent))
            await self._catch_up(listener, database)
            await listener.run()
            if listener.cut:
                await asyncio.wait([leaving], timeout=1)  # the server notices that the connection is gone
            else:
                await listener.write(f": closed, {listener.ending}\n\n".encode(), last=True)
        finally:
            leaving.cancel()

    async def _catch_up(self, listener: Listener, database: Database) -> None:
        """Send from the list until nothing newer is there, nor has been offered to others; then join them."""
        while listener.ending is None:
            rows = await items_after(database, listener.subscriber_id, listener.sent, REPLAYED)
            if rows:
                await listener.write(b"".join(frame_of(ItemView.of(row)) for row in rows))
                listener.sent = rows[-1]["number"]
            if len(rows) < REPLAYED and self._hub.joined(listener):
                return


async def _asked(request: Request) -> Asked:
    if request.method != "GET":
        raise WrongMethod(headers={"Allow": "GET"})
    caller = await caller_of(request)
    token = request.headers["authorization"].partition(" ")[2].strip()
    after = number_in("Last-Event-ID", request.headers.get("last-event-id"))
    if after is None:
        after = number_in("after", request.query_params.get("after"))
    return Asked(caller.id, subscriber_of(caller), token, after)


def _greeting(sent: int) -> bytes:
    """How long to wait before coming back, not the same for all, and a first id without an item.

    A client that loses its connection before its first item comes back with that id and misses nothing.
    """
    return b"retry: %d\nid: %d\n\n" % (random.randint(1000, 4000), sent)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""The event stream: raw ASGI, because one listener must cost little; first what was missed, then what comes."""

import random
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from common import metrics
from common.database import DATABASE_FAULTS, CallersDatabase
from common.errors import AllianceError, Unavailable
from common.http.call import caller_with, language_of, token_of
from common.http.connection import connection_of
from common.http.problems import problem
from common.telemetry import log
from common.text import Bilingual
from feeds.hub import Hub
from feeds.listener import Listener
from feeds.store import items_after, last_number
from feeds.subscriber import number_in, subscriber_of
from feeds.views import ItemView, frame_of

REPLAYED = 25
"""Missed items written at a time: what a client does not read should stay in the table."""
_REFUSALS: tuple[type[Exception], ...] = (AllianceError, *DATABASE_FAULTS)
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
    """Who asks for which subscriber's stream, and the number of the last item they have."""

    caller_id: UUID
    database: CallersDatabase
    subscriber_id: UUID
    token: str
    reached: int


class Stream:
    """`GET /api/feeds/v1/stream`: server-sent events (HTML standard, 9.2), each item with its number as id."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = connection_of(scope)
        assert connection is not None, "a stream needs the server of common.serving"
        try:
            asked = await _asked(Request(scope))
            self._hub.admission.admit(asked.caller_id)
        except _REFUSALS as error:
            await _refused(error, scope)(scope, receive, send)
            return
        listener = Listener(
            subscriber_id=asked.subscriber_id, token=asked.token, sent=asked.reached, send=send, connection=connection
        )
        connection.watch(listener)
        self._hub.opened(listener)
        metrics.sse_listeners.inc()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await listener.write(_greeting(listener.sent))
            await self._catch_up(listener, asked.database)
            await listener.run()
        finally:
            metrics.sse_listeners.dec()
            self._hub.left(listener)
            self._hub.admission.leave(asked.caller_id)
            connection.unwatch()

    async def _catch_up(self, listener: Listener, database: CallersDatabase) -> None:
        """Send from the list until nothing newer is there, nor has been offered to others; then join them."""
        while listener.ended_by is None:
            try:
                rows = await items_after(database, listener.subscriber_id, listener.sent, REPLAYED)
            except DATABASE_FAULTS as error:
                log.warning("stream_cannot_replay", error=repr(error))
                return listener.close("unavailable")
            if rows:
                await listener.write(b"".join(frame_of(ItemView.of(row)) for row in rows))
                listener.sent = rows[-1]["number"]
            if len(rows) < REPLAYED and self._hub.joined(listener):
                return None
        return None


async def _asked(request: Request) -> Asked:
    if request.method != "GET":
        raise WrongMethod(headers={"Allow": "GET"})
    token = token_of(request)
    caller = await caller_with(token, request)
    subscriber_id = subscriber_of(caller)
    after = number_in("Last-Event-ID", request.headers.get("last-event-id"))
    if after is None:
        after = number_in("after", request.query_params.get("after"))
    database = request.app.state.database.of(caller.scope)
    last = await last_number(database, subscriber_id)
    return Asked(caller.id, database, subscriber_id, token, last if after is None else min(after, last))


def _refused(error: Exception, scope: Scope) -> Response:
    """Problem details, as the framework would have answered."""
    request = Request(scope)
    refusal = error if isinstance(error, AllianceError) else Unavailable()
    return problem(refusal, language_of(request.headers.get("accept-language")), request.state.request_id)


def _greeting(sent: int) -> bytes:
    """How long to wait before coming back, not the same for all, and a first id without an item.

    A client that loses its connection before its first item comes back with that id and misses nothing.
    """
    return b"retry: %d\nid: %d\n\n" % (random.randint(1000, 4000), sent)

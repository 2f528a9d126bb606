"""Row 13's servers: `python -m tests.bench.listen_server ours|limit`; settings as for any service.

Ours is feeds with its hub, without its relay and consumer; the limit writes to bare transports of the same event loop.
Both push an item when they are asked to, and answer with the moment of it on the clock that all processes share.
"""

import asyncio
import sys
import time
from dataclasses import replace
from typing import ClassVar, cast
from uuid import UUID

import uvloop
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from common.http.connection import chunk_of
from common.serving import load, serve
from common.settings import Settings, settings
from feeds import commands
from tests.facts import hit

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_ITEM = chunk_of(b"id: 1\nevent: item\ndata: %s\n\n" % (b"x" * 700))


async def push(scope: Scope, receive: Receive, send: Send) -> None:
    """An item for this subscriber, committed; the hub is woken by that."""
    async with scope["app"].state.database.transaction(actor="bench") as tx:
        await commands.tell(tx, [(hit(UUID(scope["path"].rpartition("/")[2])), None)])
    await PlainTextResponse(str(time.perf_counter()))(scope, receive, send)


class Bare(asyncio.Protocol):
    """Every stream is a transport in a set."""

    streams: ClassVar[set[asyncio.Transport]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET"):
            self._transport.write(_HEAD)
            self.streams.add(self._transport)
            return
        pushed = str(time.perf_counter()).encode()
        for stream in self.streams:
            stream.write(_ITEM)
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(pushed), pushed))

    def connection_lost(self, error: Exception | None) -> None:
        self.streams.discard(self._transport)


async def bare(config: Settings) -> None:
    server = await asyncio.get_running_loop().create_server(Bare, config.host, config.port, backlog=2048)
    await server.serve_forever()


def main() -> None:
    config = settings()
    if sys.argv[1] == "limit":
        uvloop.run(bare(config))
    else:
        service = replace(load(config.service), reactions=(), publishes=(), follows_access=False)
        serve(replace(service, mounts=[("/bench/push", push)]).app(config), config)


if __name__ == "__main__":
    main()

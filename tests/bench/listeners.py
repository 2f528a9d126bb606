"""Row 13: one item pushed to very many event streams, beside bare transports; what a stream costs in memory."""

import asyncio
import resource
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import cast
from uuid import UUID

import httpx
import psutil

from common.testing import People, until
from common.vocabulary import MemberKind
from feeds.admission import PER_CALLER
from tests.bench.harness import Figure, Leg, absolute, interleaved, size
from tests.bench.stage import Stage, listens
from tests.conftest import free_port

LISTENERS = (size(1000), size(5000))
IDLE = size(10_000)
PUSHES = 5
_FILES = 512
"""Open files beside the connections."""


class Listener(asyncio.Protocol):
    """A client that only notes when something comes."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.heard = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if b"event: item" in data:
            self.heard = time.perf_counter()
        elif not self.opened.done():
            self.opened.set_result(data.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_result(False)


class Server:
    """A process with event streams, and how an item is pushed to all of them."""

    def __init__(self, process: psutil.Process, port: int, subscriber_id: UUID, tokens: list[str]) -> None:
        self._process, self._port, self._subscriber_id, self._tokens = process, port, subscriber_id, tokens

    @property
    def memory(self) -> int:
        return self._process.memory_info().rss

    @asynccontextmanager
    async def listened_to(self, many: int) -> AsyncIterator[list[Listener]]:
        """So many open streams; some of each account, as many as one may have."""
        loop = asyncio.get_running_loop()
        listeners: list[Listener] = []
        try:
            for first in range(0, many, 100):
                group = [self._listener(number) for number in range(first, min(first + 100, many))]
                for make in group:
                    listeners.append((await loop.create_connection(make, "127.0.0.1", self._port))[1])
                opened = await asyncio.gather(*(listener.opened for listener in listeners[first:]))
                assert all(opened), f"{opened.count(False)} of {len(opened)} streams were refused"
            yield listeners
        finally:
            for listener in listeners:
                listener.transport.abort()
            await asyncio.sleep(0.5)

    def _listener(self, number: int) -> Callable[[], Listener]:
        token = self._tokens[number // PER_CALLER]
        path = "GET /api/feeds/v1/stream HTTP/1.1\r\nhost: bench\r\n"
        return lambda: Listener(f"{path}authorization: {token}\r\n\r\n".encode())

    async def push(self, listeners: list[Listener]) -> float:
        """Milliseconds until the last listener has the item."""
        for listener in listeners:
            listener.heard = 0.0
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            url = f"http://127.0.0.1:{self._port}/bench/push/{self._subscriber_id}"
            pushed = float((await client.post(url)).text)

        async def all_heard() -> bool:
            return all(listener.heard for listener in listeners)

        await until(all_heard, timeout=30)
        return 1000 * (max(listener.heard for listener in listeners) - pushed)


async def measure(stage: Stage) -> list[Figure]:
    """The last of 1 000 and of 5 000 listeners of one subscriber; then 10 000 that only wait."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    idle = min(IDLE, hard - _FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, IDLE + _FILES), hard))
    people = People(await stage.database("feeds"))
    subscriber_id = await people.organisation(MemberKind.enterprise)
    accounts = -(-IDLE // PER_CALLER)
    tokens = [(await people.account(subscriber_id))["authorization"] for _ in range(accounts)]
    async with AsyncExitStack() as closing:
        servers = {
            kind: await closing.enter_async_context(_server(stage, kind, subscriber_id, tokens))
            for kind in ("ours", "limit")
        }
        figures = [await _pushes(servers, many) for many in LISTENERS]
        figures.sort(key=lambda figure: -figure.ratio)
        ours = servers["ours"]
        before = ours.memory
        async with ours.listened_to(idle):
            kib = (ours.memory - before) / 1024 / idle
    return [
        figures[0],
        replace(figures[1], beside=True),
        absolute(13, f"memory of a connection, {idle} that wait", [kib], bound=16, unit="KiB"),
    ]


async def _pushes(servers: dict[str, Server], many: int) -> Figure:
    async with AsyncExitStack() as closing:
        opened = [
            (kind, server, await closing.enter_async_context(server.listened_to(many)))
            for kind, server in servers.items()
        ]
        legs = {kind: _leg(server, listeners) for kind, server, listeners in opened}
        samples = await interleaved(legs, steady=("limit", "ms"))
    return samples.figure(13, f"SSE, last of {many} listeners / bare transports", "ms", goal="<= 2.0", unit="ms")


def _leg(server: Server, listeners: list[Listener]) -> Leg:
    async def repetition() -> dict[str, float]:
        return {"ms": statistics.median([await server.push(listeners) for _ in range(PUSHES)])}

    return repetition


@asynccontextmanager
async def _server(stage: Stage, kind: str, subscriber_id: UUID, tokens: list[str]) -> AsyncIterator[Server]:
    port = free_port()
    settings = stage.servers.settings("feeds", port=port, rate_limit=1_000_000)
    async with stage.process("-m", "tests.bench.listen_server", kind, settings=settings) as process:
        await until(lambda: listens(port), timeout=120, every=0.2)
        yield Server(psutil.Process(process.pid), port, subscriber_id, tokens)

"""What a need's way cannot take less than: one commit, wake-up, ack, inbox commit, match and push, each by itself."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from common.ids import new_id
from common.kafka import start_producer, stop
from tests.bench.alliance import Alliance
from tests.bench.stage import Stage

TIMES = 50


async def milliseconds(stage: Stage, alliance: Alliance) -> float:
    """The sum of the medians, measured on the servers as they are at this moment."""
    database = await stage.database("feeds", 1)
    producer = await start_producer(stage.servers.broker.bootstrap, "bench floors")

    async def commit() -> None:
        await database.execute("INSERT INTO inbox (event_id) VALUES ($1)", new_id())

    async def wake() -> None:
        await database.fetch("SELECT * FROM outbox ORDER BY seq LIMIT 1000")

    async def ack() -> None:
        await producer.send_and_wait("portal.dead", b"x" * 600)

    try:
        found = [await _middle(step) for step in (commit, wake, ack, commit)]
    finally:
        await stop(producer)
    return sum(found) + await _match(alliance) + await _push()


async def _middle(step: Callable[[], Awaitable[Any]]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await step()
        taken.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(0.005)
    return statistics.median(taken)


async def _match(alliance: Alliance) -> float:
    """What the worker itself says of its engine: the mean of all questions so far."""
    text = (await alliance.matching.get("/metrics")).text
    told = dict(line.split() for line in text.splitlines() if line.startswith("alliance_match_seconds_"))
    return 1000 * float(told["alliance_match_seconds_sum"]) / float(told["alliance_match_seconds_count"])


async def _push() -> float:
    """One write at one end of a connection until it is read at the other."""
    arrived: asyncio.Queue[float] = asyncio.Queue()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            arrived.put_nowait(time.perf_counter())
        writer.close()

    async with await asyncio.start_server(read, "127.0.0.1", 0) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        taken = []
        for _ in range(TIMES):
            began = time.perf_counter()
            writer.write(b"x" * 700)
            taken.append(1000 * (await arrived.get() - began))
        writer.close()
    return statistics.median(taken)

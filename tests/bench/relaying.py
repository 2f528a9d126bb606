"""Rows 4 and 5: emptying an outbox of 50 000 rows, without the broker and with it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from common.database import Database
from common.kafka import start_producer, stop
from common.outbox import as_record
from common.relay import Relay
from tests.bench.harness import Figure, Samples, interleaved, size
from tests.bench.stage import Stage

SERVICE = "feeds"
ROWS = size(50_000)
_FILL = """
INSERT INTO outbox (id, aggregatetype, aggregateid, version, type, payload, headers)
SELECT uuidv7(), 'item', md5((n % 997)::text)::uuid, n, 'org.alliance.feeds.item.added.v1',
       format('{"version":%s,"at":"2026-11-22T08:00:00Z","text":"%s"}', n, repeat('medical need ', 28)), $2::jsonb
FROM generate_series(1, $1) n
"""
_HEADERS = {
    "time": "2026-11-22T08:00:00+00:00",
    "actor": "account:0198f6a2-7d1c-7a55-9d3e-6f0a2f5c1e11",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
}


class Drained(Relay):
    """A relay that notes how long it took for all of its rows."""

    async def _drain(self, connection: Any) -> None:
        self.rows, self.began = 0, time.perf_counter()
        await super()._drain(connection)

    async def _send(self, connection: Any, rows: list[Any]) -> None:
        await super()._send(connection, rows)
        self.rows += len(rows)
        if self.rows == ROWS:
            self.took.set_result(time.perf_counter() - self.began)

    took: "asyncio.Future[float]"


class Unpublished(Drained):
    """The same with publishing left out: rows are read, deleted and kept."""

    async def _publish(self, connection: Any, rows: Sequence[Any]) -> None:
        """Nobody is told."""


async def measure(stage: Stage) -> list[Figure]:
    """The relay against one SELECT of everything, and against the slower of its two halves."""
    database = await stage.database(SERVICE)

    async def drained(kind: type[Drained]) -> dict[str, float]:
        await _fill(stage, database)
        relay = kind(
            url=stage.servers.url(SERVICE), service=SERVICE, bootstrap=stage.servers.broker.bootstrap, database=database
        )
        relay.took = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(relay.run())
        try:
            return {"rate": ROWS / await asyncio.wait_for(relay.took, 120)}
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def read() -> dict[str, float]:
        await _fill(stage, database)
        began = time.perf_counter()
        await database.fetch("SELECT * FROM outbox ORDER BY seq")
        return {"rate": ROWS / (time.perf_counter() - began)}

    async def produced() -> dict[str, float]:
        await _fill(stage, database)
        return {"rate": ROWS / await _produce(stage, await database.fetch("SELECT * FROM outbox ORDER BY seq"))}

    legs = {
        "select": read,
        "produce": produced,
        "drain": lambda: drained(Unpublished),
        "relay": lambda: drained(Drained),
    }
    samples = await interleaved(legs, steady=("select", "rate"))
    return _figures(stage, samples)


def _figures(stage: Stage, samples: Samples) -> list[Figure]:
    drain = samples.figure(
        4, "drain of 50 000 rows without publishing / one SELECT", "rate",
        ours="drain", limit="select", goal=">= 0.35", unit="rows/s",
    )  # fmt: skip
    slower = min("drain", "produce", key=lambda leg: samples.median(leg, "rate"))
    relay = samples.figure(
        5, f"relay with acks / the slower of drain and producer ({slower})", "rate",
        ours="relay", limit=slower, goal=">= 0.6", unit="rows/s",
    )  # fmt: skip
    figures = [drain, relay]
    if peak := stage.known.commands_a_second:
        name = "drain without publishing / peak of row 1"
        figures.insert(1, Figure(4, name, drain.ours, peak, drain.ours / peak, ">= 5", drain.spread, "rows/s", True))
    return figures


async def _fill(stage: Stage, database: Database) -> None:
    await stage.empty(SERVICE, "outbox", "published")
    await database.execute(_FILL, ROWS, _HEADERS)


async def _produce(stage: Stage, rows: Sequence[Any]) -> float:
    """Seconds for the same records through the same producer, a thousand at a time."""
    ready = [as_record(row, SERVICE) for row in rows]
    producer = await start_producer(stage.servers.broker.bootstrap, "bench")
    try:
        began = time.perf_counter()
        for first in range(0, len(ready), 1000):
            acks = [
                await producer.send(SERVICE, record.value, key=record.key, headers=record.headers)
                for record in ready[first : first + 1000]
            ]
            await asyncio.gather(*acks)
        return time.perf_counter() - began
    finally:
        await stop(producer)

"""Row 6: how soon an event is in the relay's hand, beside PostgreSQL's own stream of changes."""

import asyncio
import re
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from common.database import Database
from tests.bench import load, needs
from tests.bench.harness import TRIAL, Figure, absolute, interleaved, quantile
from tests.bench.stage import Stage
from tests.bench.writing import SERVICE, wakes

A_SECOND, SECONDS = 150, 1 if TRIAL else 4
SETTINGS = {"wal_level": "logical"}
_ROW = re.compile(rb"outbox: INSERT: .*?aggregateid\[uuid\]:'([0-9a-f-]{36})'")


async def measure(stage: Stage) -> list[Figure]:
    """Milliseconds from before the command; the stream is read through PostgreSQL's own client, in C."""
    database = await stage.database(SERVICE, 8)
    late: list[float] = []

    async def ours() -> dict[str, float]:
        found = await wakes(stage, database, a_second=A_SECOND, seconds=SECONDS)
        late.append(quantile(found, 0.99))
        return {"ms": statistics.median(found)}

    async def limit() -> dict[str, float]:
        found = await _streamed(stage, database)
        await stage.empty(SERVICE, "outbox", "need")
        return {"ms": statistics.median(found)}

    samples = await interleaved({"ours": ours, "limit": limit}, steady=("limit", "ms"))
    return [
        samples.figure(6, "wake-up p50, 150 events/s / logical replication stream", "ms", goal="<= 2.5", unit="ms"),
        absolute(6, "wake-up p99, 150 events/s", late, bound=10, unit="ms"),
    ]


async def _streamed(stage: Stage, database: Database) -> list[float]:
    organisation = await needs.hospital(database)
    began: dict[UUID, float] = {}
    heard: dict[UUID, float] = {}

    async def draft() -> None:
        before = time.perf_counter()
        need = await needs.draft(database, organisation)
        began[need.id] = before

    async def listen(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            if found := _ROW.search(line):
                heard[UUID(found[1].decode())] = time.perf_counter()

    async with _stream(stage) as lines:
        listening = asyncio.create_task(listen(lines))
        await load.paced(draft, a_second=A_SECOND, seconds=SECONDS)
        await asyncio.sleep(0.5)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return [1000 * (heard[need_id] - before) for need_id, before in began.items()]


@asynccontextmanager
async def _stream(stage: Stage) -> AsyncIterator[asyncio.StreamReader]:
    program = stage.servers.postgres.files.programs / "pg_recvlogical"
    slot = ("--slot=bench", f"--dbname={stage.servers.url('postgres')}")
    made = await asyncio.create_subprocess_exec(program, *slot, "--create-slot", "--plugin=test_decoding")
    assert await made.wait() == 0
    reading = await asyncio.create_subprocess_exec(
        program, *slot, "--start", "--no-loop", "--file=-", stdout=asyncio.subprocess.PIPE, limit=1 << 20
    )
    assert reading.stdout is not None
    try:
        await asyncio.sleep(0.5)
        yield reading.stdout
    finally:
        reading.terminate()
        await reading.wait()
        dropped = await asyncio.create_subprocess_exec(program, *slot, "--drop-slot")
        await dropped.wait()

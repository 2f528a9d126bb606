"""Rows 1 and 2: what a command costs beside PostgreSQL's own load program, and what the relay's wake-up adds to it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from common.database import Database
from common.relay import Relay
from common.testing import until
from tests.bench import load, needs, pgbench
from tests.bench.harness import TRIAL, Figure, absolute, interleaved, quantile
from tests.bench.stage import Stage

SERVICE = "project_matching"
SECONDS = 1 if TRIAL else 2


async def commands(stage: Stage) -> list[Figure]:
    """Row 1, from 8 and from 32 connections; the worse of the two is the row."""
    figures = [await _commands(stage, connections) for connections in (8, 32)]
    worst, other = sorted(figures, key=lambda figure: figure.ratio)
    stage.known.commands_a_second = max(figure.ours for figure in figures)
    return [worst, replace(other, beside=True)]


async def _commands(stage: Stage, connections: int) -> Figure:
    database = await stage.database(SERVICE, connections)
    organisation = await needs.hospital(database)
    script = stage.servers.state / "command.sql"
    sql, arguments = await pgbench.statement_of(lambda overheard: needs.draft(overheard, organisation))
    script.write_text(pgbench.script_of(sql, arguments, known=organisation.id), encoding="utf-8")

    async def ours() -> dict[str, float]:
        draft = lambda: needs.draft(database, organisation)  # noqa: E731
        return {"rate": await load.rate(draft, at_once=connections, seconds=SECONDS)}

    async def limit() -> dict[str, float]:
        return {"rate": await pgbench.transactions_a_second(stage.servers, SERVICE, script, connections, SECONDS)}

    samples = await interleaved({"ours": ours, "limit": limit}, steady=("limit", "rate"))
    await stage.empty(SERVICE, "outbox", "need")
    name = f"command write through the data layer, {connections} connections / pgbench"
    return samples.figure(1, name, "rate", goal=">= 0.75", unit="commands/s")


class Timed(Relay):
    """A relay that notes when each event is in its hand."""

    in_hand: dict[UUID, float]

    async def _send(self, connection: Any, rows: list[Any]) -> None:
        now = time.perf_counter()
        self.in_hand.update((row["aggregateid"], now) for row in rows)
        await super()._send(connection, rows)


@asynccontextmanager
async def relaying(stage: Stage, woken_by: Database) -> AsyncIterator[Timed]:
    """The relay of the service, woken by the commits of this database object; ends when the outbox is empty."""
    relay = Timed(
        url=stage.servers.url(SERVICE), service=SERVICE, bootstrap=stage.servers.broker.bootstrap, database=woken_by
    )
    relay.in_hand = {}
    task = asyncio.create_task(relay.run())
    try:
        await until(lambda: _true(relay.leading))
        yield relay
        await until(lambda: _is_empty(woken_by), timeout=60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _true(value: bool) -> bool:
    return value


async def _is_empty(database: Database) -> bool:
    return not await database.fetch_value("SELECT EXISTS (SELECT FROM outbox)")


async def wake_up(stage: Stage) -> list[Figure]:
    """Row 2: writers at full speed, their relay woken by them or only looking now and then."""
    database = await stage.database(SERVICE, 32)
    organisation = await needs.hospital(database)
    draft = lambda: needs.draft(database, organisation)  # noqa: E731
    waits: list[float] = []

    async def full_speed(woken_by: Database) -> dict[str, float]:
        async with relaying(stage, woken_by):
            return {"rate": await load.rate(draft, at_once=32, seconds=SECONDS)}

    async def steadily() -> dict[str, float]:
        found = await wakes(stage, database, a_second=300, seconds=3)
        waits.append(quantile(found, 0.99))
        return {}

    legs = {
        "ours": lambda: full_speed(database),
        "limit": lambda: full_speed(Database(database.pool, database.callers)),
        "steadily": steadily,
    }
    samples = await interleaved(legs, steady=("limit", "rate"))
    return [
        samples.figure(
            2, "writers beside a relay, 32 connections / without its wake-up", "rate", goal=">= 0.8", unit="commands/s"
        ),
        absolute(2, "wake-up at 300 commands/s, p99", waits, bound=15, unit="ms"),
    ]


async def wakes(stage: Stage, database: Database, *, a_second: float, seconds: float) -> list[float]:
    """Milliseconds from before a command to its event in the relay's hand."""
    organisation = await needs.hospital(database)
    began: dict[UUID, float] = {}

    async def draft() -> None:
        before = time.perf_counter()
        need = await needs.draft(database, organisation)
        began[need.id] = before

    async with relaying(stage, database) as relay:
        await load.paced(draft, a_second=a_second, seconds=seconds)
    return [1000 * (relay.in_hand[need_id] - before) for need_id, before in began.items()]

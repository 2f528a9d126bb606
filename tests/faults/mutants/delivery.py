"""Broken relays and consumers."""

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import Any

_KEEP = """
WITH gone AS (DELETE FROM outbox WHERE seq = ANY($1::bigint[]) RETURNING *)
INSERT INTO published (seq, id, aggregatetype, aggregateid, version, type, payload, headers, created_at)
SELECT seq, id, aggregatetype, aggregateid, version, type, payload, headers, created_at FROM gone
"""


def relay_deletes_before_the_ack() -> None:
    from common import relay

    async def send(self: Any, connection: Any, rows: list[Any]) -> None:
        await connection.execute(_KEEP, [row["seq"] for row in rows])
        await original(self, connection, rows)

    original = relay.Relay._send
    relay.Relay._send = send  # type: ignore[method-assign]


def relay_pages_by_a_cursor() -> None:
    from common import relay

    async def drain(self: Any, connection: Any) -> None:
        last = await connection.fetchval("SELECT coalesce(max(seq), 0) FROM published")
        while True:
            rows = await connection.fetch("SELECT * FROM outbox WHERE seq > $1 ORDER BY seq LIMIT 1000", last)
            if rows:
                await self._send(connection, rows)
                last = rows[-1]["seq"]
            await asyncio.sleep(0.005)

    relay.Relay._drain = drain  # type: ignore[method-assign]


def offset_before_the_effect() -> None:
    from common.consuming import Consumer

    async def process(self: Any, batch: dict[Any, list[Any]], known: Any) -> Any:
        await self._client.commit(
            {partition: records[-1].offset + 1 for partition, records in batch.items() if records}
        )
        return await original(self, batch, known)

    original = Consumer._process
    Consumer._process = process  # type: ignore[method-assign]


def inbox_not_looked_at() -> None:
    consuming: Any = import_module("common.consuming")

    async def take_new(tx: Any, batch: Sequence[Any]) -> list[Any]:
        await original(tx, batch)
        return list(batch)

    original = consuming.take_new
    consuming.take_new = take_new


def inbox_in_its_own_transaction() -> None:
    consuming: Any = import_module("common.consuming")

    async def apply(self: Any, received: Sequence[Any]) -> None:
        async with self._database.transaction(actor="inbox") as tx:
            new = await consuming.take_new(tx, received)
        if new:
            async with self._database.transaction(actor=f"service:{self._service}") as tx:
                await self._dispatch.run(tx, new)

    consuming.Consumer._apply = apply

"""`refill`: what a topic has lost is sent again from the published rows, while nobody else sends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from common.refilling import Refilled
from common.refilling import refill as send_again
from deploy.operate.place import Place, check_service
from deploy.words import Told, Words

_PATIENCE = 30.0
_TRY = "SELECT pg_try_advisory_lock(hashtext('relay'), hashtext(current_schema()))"
_END_HOLDER = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = oid(hashtext('relay')::bigint & 4294967295)
  AND objid = oid(hashtext(current_schema())::bigint & 4294967295)
"""


async def refill(place: Place, service: str, *, since: datetime | None = None) -> Refilled:
    """Compare the service's topic with what it has published (since then), and send what is missing.

    A running relay is interrupted and stands by meanwhile: an event newer than the missing ones must not overtake
    them. Any number of repetitions do no harm. Raises Failure, and the faults of broker and database.
    """
    check_service(service, publishes=True)
    async with instead_of_relay(place, service) as connection:
        return await send_again(connection, service=service, bootstrap=place.kafka, since=since)


@asynccontextmanager
async def instead_of_relay(place: Place, service: str) -> AsyncIterator[Any]:
    """A connection that holds the service's relay lock; the relay that had it goes on once it is closed."""
    async with place.connection(service) as connection:
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await connection.fetchval(_TRY):
                    await connection.execute(_END_HOLDER)
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Told(
                Words(
                    f"{_PATIENCE:.0f} 秒内未能取得 {service} 的发送锁。",
                    f"The relay's lock of {service} was not to be had within {_PATIENCE:.0f} s.",
                )
            ) from None
        yield connection

"""Where a service's topic begins and ends, and up to where the broker is known to have acknowledged it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from common.kafka import partitions_of, start_reader, stop

_POSITIONS = """
INSERT INTO topic_position AS p SELECT * FROM unnest($1::int[], $2::bigint[])
ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
"""


async def ends_of(bootstrap: str, service: str) -> dict[int, int]:
    """The next offset of each partition of a service's topic; TimeoutError while there is no such topic."""
    return await _bounds_of(bootstrap, service, "end_offsets")


async def begins_of(bootstrap: str, service: str) -> dict[int, int]:
    """The first offset of each partition that is still there."""
    return await _bounds_of(bootstrap, service, "beginning_offsets")


async def _bounds_of(bootstrap: str, service: str, which: str) -> dict[int, int]:
    reader = await start_reader(bootstrap, f"{service}-bounds")
    try:
        async with asyncio.timeout(10):
            found = await getattr(reader, which)(await partitions_of(reader, [service]))
        return {partition.partition: offset for partition, offset in found.items()}
    finally:
        await stop(reader)


async def is_shortened(connection: Any, *, service: str, bootstrap: str) -> bool:
    """Whether the topic ends before what the broker has acknowledged: it lost its log, or has an older one."""
    known = await connection.fetch("SELECT partition, next_offset FROM topic_position")
    ends = await ends_of(bootstrap, service)
    return any(row["next_offset"] < 0 or ends.get(row["partition"], 0) < row["next_offset"] for row in known)


async def mark_shortened(connection: Any) -> None:
    """Remember that something was lost, also where the log has grown since beyond where it was: refilling ends it."""
    await connection.execute("UPDATE topic_position SET next_offset = -next_offset WHERE next_offset > 0")


async def keep_positions(connection: Any, positions: Mapping[int, int]) -> None:
    """Up to where the topic is acknowledged from now on."""
    await connection.execute(_POSITIONS, list(positions), list(positions.values()))

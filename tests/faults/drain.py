"""Waiting until all that is under way has arrived: lag is not loss."""

import asyncio
import time

import asyncpg

from common.kafka import committed_offsets, start_reader, stop
from common.kafka_faults import FAULTS
from project_matching.model.need import OPEN
from tests.faults.invariants.evidence import PUBLISHERS
from tests.faults.report import say
from tests.faults.stack.stack import Stack

NO_PROGRESS = 40.0
"""Longer than a group of readers may take to share its partitions anew when a member has died meanwhile."""
TELLS_EVERY = 15.0
"""Seconds between two lines about what still waits."""
_UNTOLD = """
SELECT count(*) FROM project_matching.suggestion s JOIN project_matching.need n ON n.id = s.need_id
WHERE s.explanation IS NULL AND n.state = ANY($1)
"""


async def drained(stack: Stack) -> bool:
    """True when nothing waits any more; False when nothing moved for long enough."""
    before: dict[str, int] = {}
    moved = told = time.monotonic()
    empty = 0
    while time.monotonic() - moved < NO_PROGRESS:
        now = await waiting(stack)
        if now != before:
            before, moved = now, time.monotonic()
        if time.monotonic() - told > TELLS_EVERY:
            told = time.monotonic()
            say(f"still waits: {', '.join(f'{name} {count}' for name, count in now.items() if count)}")
        empty = 0 if any(now.values()) else empty + 1
        if empty == 3:  # what one service has just finished may be another's work
            return True
        await asyncio.sleep(0.7)
    say(f"nothing moves any more, and there still waits: {before}")
    return False


async def waiting(stack: Stack) -> dict[str, int]:
    """How much waits where: outboxes, suggestions nobody was told of, records not dealt with by each group."""
    found: dict[str, int] = {}
    connection = await asyncpg.connect(stack.admin_url)
    try:
        for service in PUBLISHERS:
            found[f"outbox of {service}"] = await connection.fetchval(f"SELECT count(*) FROM {service}.outbox")
        found["untold suggestions"] = await connection.fetchval(_UNTOLD, list(OPEN))
    finally:
        await connection.close()
    for service in PUBLISHERS:
        found[f"lag of {service}"] = await lag(stack, service)
    return found


async def lag(stack: Stack, group: str) -> int:
    """Records that a group has not dealt with; 1 while the broker cannot say."""
    try:
        committed = await committed_offsets(stack.broker.bootstrap, group)
        reader = await start_reader(stack.broker.bootstrap, "lag")
        try:
            ends = await reader.end_offsets(list(committed))
        finally:
            await stop(reader)
    except FAULTS:
        return 1
    return sum(ends[partition] - offset for partition, offset in committed.items())

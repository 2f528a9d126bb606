"""What the second wall costs: a read and a command with and without it, interleaved; prints medians and spreads."""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from common.auth import Caller
from common.auth.caller import Acting
from common.database import Database
from common.ids import new_id
from common.scope import Scope
from common.vocabulary import MemberKind, Role

_READ = "SELECT last_number FROM subscriber WHERE organisation_id = $1"
_OPEN = "SELECT version FROM applied_version WHERE aggregate_id = $1"
TIMES, ROUNDS = 60, 9


async def main(url: str) -> None:
    """Prints a line for each leg: microseconds, and the spread (max - min) / median."""
    database = await Database.connect(url, schema="feeds", name="bench")
    ours = new_id()
    await database.execute("INSERT INTO subscriber VALUES ($1, 1)", ours)
    await database.execute("INSERT INTO applied_version VALUES ($1, 1)", ours)
    legs = _legs(database, ours)
    taken: dict[str, list[float]] = {name: [] for name in legs}
    for _ in range(ROUNDS):
        for name, leg in legs.items():
            began = time.perf_counter()
            for _ in range(TIMES):
                await leg()
            taken[name].append((time.perf_counter() - began) / TIMES * 1e6)
    for name, found in taken.items():
        middle = statistics.median(found)
        print(f"{name:50} {middle:7.0f} us  spread {(max(found) - min(found)) / middle:.2f}")
    await database.execute("DELETE FROM subscriber WHERE organisation_id = $1", ours)
    await database.close()


def _legs(database: Database, ours: UUID) -> dict[str, Callable[[], Awaitable[None]]]:
    caller = Caller(new_id(), organisations=(Acting(ours, MemberKind.hospital, Role.institution_editor),))

    async def read(sql: str, scope: Scope | None) -> None:
        async with database.transaction(scope=scope) as tx:
            assert await tx.fetch_value(sql, ours) == 1

    async def insert(scope: Scope | None) -> None:
        async with database.transaction(scope=scope) as tx:
            tx.insert("applied_version (aggregate_id, version)", "$1, $2", new_id(), 1)

    return {
        "read of an open table in a transaction": lambda: read(_OPEN, None),
        "read of a closed table in a caller's transaction": lambda: read(_READ, caller.scope),
        "insert by the service itself, one statement": lambda: insert(None),
        "insert by a caller, one statement": lambda: insert(caller.scope),
    }


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

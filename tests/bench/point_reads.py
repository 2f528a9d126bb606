"""Row 15: one row read as its reader may see it, beside the same transaction by a role that no policy binds."""

import random

from common.database import Database
from common.scope import Scope
from tests.bench import load, needs
from tests.bench.harness import TRIAL, Figure, Leg, interleaved
from tests.bench.stage import Stage

SERVICE = "project_matching"
ROWS, SECONDS = 500, 1 if TRIAL else 2
_READ = "SELECT id, state, title_zh, title_en FROM need WHERE id = $1"


async def measure(stage: Stage) -> list[Figure]:
    """BEGIN, read, COMMIT on one connection; the scope of the reader travels with BEGIN."""
    database = await stage.database(SERVICE, 1)
    unbound = await Database.connect(stage.servers.url("postgres"), schema=SERVICE, name="bench unbound", size=1)
    stage.closing.push_async_callback(unbound.close)
    organisation = await needs.hospital(database)
    ids = [(await needs.draft(database, organisation)).id for _ in range(ROWS)]

    def leg(asked: Database, scope: Scope | None) -> Leg:
        async def read() -> None:
            async with asked.transaction(scope=scope) as tx:
                assert await tx.fetch_row(_READ, random.choice(ids)) is not None

        async def repetition() -> dict[str, float]:
            return {"rate": await load.rate(read, at_once=1, seconds=SECONDS)}

        return repetition

    legs = {"ours": leg(database, needs.scope_of(organisation)), "limit": leg(unbound, None)}
    samples = await interleaved(legs, steady=("limit", "rate"))
    name = "point read under row-level security / the same transaction without"
    return [samples.figure(15, name, "rate", goal=">= 0.9", unit="reads/s")]

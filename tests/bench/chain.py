"""Row 14: from an accepted POST to the item at a listener, with 100 000 profiles loaded; memory and throughput too."""

import asyncio
import random
import statistics
import time

from common.ids import new_id
from project_matching.store.profiles import KnownProfile, keep_profiles
from tests.bench import floors
from tests.bench.alliance import Alliance, opened
from tests.bench.harness import TRIAL, Figure, absolute, quantile, size, spread
from tests.bench.organisations import organisation
from tests.bench.stage import Stage

PROFILES = size(100_000)
NEEDS, ROUNDS = (4, 1) if TRIAL else (12, 5)
TOGETHER = 4 if TRIAL else 24
PATIENCE = 600.0
"""Seconds until a worker has taken in all profiles and matches its first need."""


async def measure(stage: Stage) -> list[Figure]:
    """One after the other on an idle system; then many at once, with one matching worker and with two."""
    async with opened(stage, workers=1) as alliance:
        stage.known.note(f"memory with no profile: {alliance.memory()}")
    await _fill(stage)
    waits: list[list[float]] = []
    limits: list[float] = []
    for workers in (1, 2):
        async with opened(stage, workers=workers) as alliance, alliance.listening():
            await alliance.heard_of(await alliance.publish(await alliance.submitted()), timeout=PATIENCE)
            first = [await _one(alliance) for _ in range(NEEDS)]
            stage.known.note(f"the slowest of the first {NEEDS} needs after the start: {max(first):.0f} ms")
            stage.known.note(f"memory with {PROFILES} profiles: {alliance.memory()}")
            for _ in range(ROUNDS if workers == 1 else 0):
                waits.append([await _one(alliance) for _ in range(NEEDS)])
                limits.append(await floors.milliseconds(stage, alliance))
            rate = await _together(alliance)
            stage.known.note(await _suggested(stage))
            stage.known.note(f"whole chain, {workers} matching worker(s): {rate:.1f} needs/s from POST to feed")
    ours, limit = statistics.median(map(statistics.median, waits)), statistics.median(limits)
    late = quantile([wait for few in waits for wait in few], 0.99)
    name = "POST accepted -> item at a listener, p50 / sum of floors"
    return [
        Figure(14, name, ours, limit, ours / limit, "<= 3", spread(limits), "ms"),
        absolute(14, "POST accepted -> item at a listener, p99", [late], bound=150, unit="ms"),
    ]


async def _fill(stage: Stage) -> None:
    """The copy of the profiles, as the consumer would have written it."""
    chance = random.Random(14)
    database = await stage.database("project_matching", 2)
    for _ in range(0, PROFILES, 1000):
        async with database.transaction() as tx:
            await keep_profiles(tx, [KnownProfile(new_id(), 1, organisation(chance)) for _ in range(1000)])


async def _suggested(stage: Stage) -> str:
    """How much matching these needs are: what is suggested for them in the middle, and what still waits for reasons."""
    database = await stage.database("project_matching", 1)
    found = await database.fetch_row(
        """
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY many) AS middle, sum(waiting) AS waiting
        FROM (SELECT count(*) AS many, count(*) FILTER (WHERE explanation IS NULL) AS waiting
              FROM suggestion GROUP BY need_id) AS needs
        """
    )
    assert found is not None
    return f"{found['middle']} suggestions a need; {found['waiting']} of all still wait for their reasons"


async def _one(alliance: Alliance) -> float:
    """Milliseconds of one need on a system that does nothing else."""
    need_id = await alliance.submitted()
    await asyncio.sleep(0.5)
    await alliance.publish(need_id)
    accepted = time.perf_counter()
    return 1000 * (await alliance.heard_of(need_id) - accepted)


async def _together(alliance: Alliance) -> float:
    """Needs a second from their publishing until the listener has heard of the last."""
    waiting = [await alliance.submitted() for _ in range(TOGETHER)]
    began = time.perf_counter()
    await asyncio.gather(*map(alliance.publish, waiting))
    heard = [await alliance.heard_of(need_id, timeout=120) for need_id in waiting]
    return TOGETHER / (max(heard) - began)

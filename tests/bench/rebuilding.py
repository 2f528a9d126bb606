"""Row 12: a worker's picture made anew from the topic, beside only reading the topic.

Both grow with the number of profiles, so a fifth of the 100 000 of the goal is read, five times over.
"""

import asyncio
import time
from collections.abc import Sequence

from common.events import Event
from common.following import Follower
from project_matching.matcher.picture import Picture
from tests.bench.consuming import decode_only
from tests.bench.harness import Figure, interleaved, size
from tests.bench.organisations import tell
from tests.bench.stage import Stage

PROFILES = size(20_000)


async def measure(stage: Stage) -> list[Figure]:
    """From the first records in hand until every profile can be found."""
    await tell(stage, PROFILES)

    async def ours() -> dict[str, float]:
        return {"s": await _rebuilt(stage)}

    async def limit() -> dict[str, float]:
        return {"s": await decode_only(stage, PROFILES, reading_only=True)}

    async def decoded() -> dict[str, float]:
        return {"s": await decode_only(stage, PROFILES)}

    samples = await interleaved({"ours": ours, "limit": limit, "decoded": decoded}, steady=("limit", "s"))
    name = f"index of {PROFILES} profiles rebuilt from the topic"
    return [
        samples.figure(12, f"{name} / reading the topic", "s", goal="<= 1.5", unit="s"),
        samples.figure(12, f"{name} / decoding it", "s", limit="decoded", goal="<= 1.5", unit="s", beside=True),
    ]


async def _rebuilt(stage: Stage) -> float:
    picture, taken, began = Picture(), 0, 0.0

    async def apply(events: Sequence[Event]) -> None:
        nonlocal taken, began
        began = began or time.perf_counter()
        await asyncio.to_thread(picture.apply, events)
        taken += len(events)

    follower = Follower(bootstrap=stage.servers.broker.bootstrap, name="bench", topics=["member_registry"], apply=apply)
    try:
        await follower.start()
        await follower.catch_up(timeout=300)
        assert taken == PROFILES
        return time.perf_counter() - began
    finally:
        await follower.stop()

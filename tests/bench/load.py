"""Work done by many at once for a short while, and how much of it got done."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def rate(work: Callable[[], Awaitable[object]], *, at_once: int, seconds: float) -> float:
    """How often a second this is done by so many at once."""
    began = time.perf_counter()
    done = 0

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < began + seconds:
            await work()
            done += 1

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return done / (time.perf_counter() - began)


async def paced(work: Callable[[], Awaitable[object]], *, a_second: float, seconds: float) -> None:
    """Begin this so often a second, whatever it takes; returns when all of it is done."""
    began = time.perf_counter()
    tasks: list[asyncio.Future[object]] = []
    for number in range(int(a_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / a_second - time.perf_counter()))
        tasks.append(asyncio.ensure_future(work()))
    await asyncio.gather(*tasks)

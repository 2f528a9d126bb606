"""Work that goes on beside the requests for as long as a service runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from common.telemetry import log

_LONGEST_PAUSE = 5.0


def begin(work: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
    """A task that never dies unseen: what it raises is logged with its traceback, and the work begins anew.

    A task keeps an exception to itself until somebody asks for it. Nobody asks before the service stops, so a consumer
    that met an error of a kind its author had not expected stood still for good without a word: what a Kafka client had
    cancelled inside seemed to have ended it (`kafka.told_apart`).
    """
    return asyncio.create_task(_again_and_again(work, name), name=name)


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel, and return when all have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


async def _again_and_again(work: Callable[[], Awaitable[None]], name: str) -> None:
    pause = 0.25
    while True:
        began = time.monotonic()
        try:
            return await work()
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_being_ended():
                raise
            pause = 0.25 if time.monotonic() - began > 2 * _LONGEST_PAUSE else pause
            log.error("background_work_failed", work=name, again_in_seconds=pause, exc_info=error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _is_being_ended() -> bool:
    """Otherwise it was a task of a library that was cancelled, and whoever asked for its result is told so."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0

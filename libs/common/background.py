"""Work that goes on beside the requests for as long as a service runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from common.telemetry import log

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0


class Pauses:
    """Seconds to wait before each new attempt: longer every time, short again after some seconds of good work."""

    def __init__(self) -> None:
        self._next = _FIRST_PAUSE
        self._began = time.monotonic()

    def next(self) -> float:
        """Called when an attempt has failed."""
        worked = time.monotonic() - self._began > 2 * _LONGEST_PAUSE
        pause = _FIRST_PAUSE if worked else self._next
        self._next = min(2 * pause, _LONGEST_PAUSE)
        self._began = time.monotonic() + pause
        return pause


def begin(work: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
    """A task that never dies unseen: what it raises is logged with its traceback, and the work begins anew.

    A task keeps an exception to itself until somebody asks for it. Nobody asks before the service stops, so a consumer
    that met an error of a kind its author had not expected stood still for good without a word: what a Kafka client had
    cancelled inside seemed to have ended it (`kafka_faults.told_apart`).
    """
    return asyncio.create_task(_again_and_again(work, name), name=name)


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel, and return when all have ended; once more every second, for `wait_for` can lose a cancellation."""
    ending = set(tasks)
    while ending:
        for task in ending:
            task.cancel()
        done, ending = await asyncio.wait(ending, timeout=1)
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                log.warning("background_work_ended_with_an_error", work=task.get_name(), error=repr(error))


async def _again_and_again(work: Callable[[], Awaitable[None]], name: str) -> None:
    pauses, task = Pauses(), asyncio.current_task()
    while True:
        try:
            return await work()
        except (Exception, asyncio.CancelledError) as error:
            if task is not None and task.cancelling():
                raise
            pause = pauses.next()
            log.error("background_work_failed", work=name, again_in_seconds=pause, exc_info=error)
        await asyncio.sleep(pause)

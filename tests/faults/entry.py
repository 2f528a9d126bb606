"""A service's process in which something is changed before it starts: the product itself holds no switch for tests.

python -m tests.faults.entry relay_deletes_before_the_ack die=common.relay:Relay._send:after:3 feeds
"""

import asyncio
import functools
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def main() -> None:
    """Each patch in its order, then the service as ever."""
    *patches, service = sys.argv[1:]
    for patch in patches:
        name, _, value = patch.partition("=")
        if value:
            {"die": die, "clock": shift_clock, "slow": slow, "poll": poll}[name](value)
        else:
            from tests.faults.mutants import MUTANTS

            MUTANTS[name].change()
    from common import serving

    sys.argv = [sys.argv[0], service]
    serving.main()


def die(where: str) -> None:
    """`module:Class.function:before:3`: SIGKILL to itself before, or after, the third call of that coroutine.

    With `Class.function?attribute` only calls count whose object has something there.
    """
    path, when, number = where.rsplit(":", 2)
    path, _, attribute = path.partition("?")
    calls = 0

    def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def call(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            counts = not attribute or getattr(arguments[0], attribute) is not None
            calls += counts
            if when == "before" and counts and calls >= int(number):
                os.kill(os.getpid(), signal.SIGKILL)
            result = await function(*arguments, **named)
            if when == "after" and counts and calls >= int(number):
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    _replace(path, wrapped)


def slow(where: str) -> None:
    """`module:Class.function:4`: the coroutine takes four seconds longer."""
    path, seconds = where.rsplit(":", 1)

    def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def call(*arguments: Any, **named: Any) -> Any:
            await asyncio.sleep(float(seconds))
            return await function(*arguments, **named)

        return call

    _replace(path, wrapped)


def poll(seconds: str) -> None:
    """The group gives a member up that has not asked for records for so long."""
    consuming: Any = importlib.import_module("common.consuming")
    start = consuming.start_group_consumer

    async def start_impatient(*arguments: Any, **named: Any) -> Any:
        consumer = await start(*arguments, **named)
        consumer._coordinator._max_poll_interval = float(seconds)
        return consumer

    consuming.start_group_consumer = start_impatient


def shift_clock(seconds: str) -> None:
    """This process's wall clock is wrong by so much; before anything has asked for the time."""
    from common import clock

    true_now, true_time = clock.utc_now, time.time
    clock.utc_now = lambda: true_now() + timedelta(seconds=float(seconds))
    time.time = lambda: true_time() + float(seconds)


def _replace(path: str, wrapped: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    module_name, _, name = path.partition(":")
    holder: Any = importlib.import_module(module_name)
    *classes, last = name.split(".")
    for one in classes:
        holder = getattr(holder, one)
    setattr(holder, last, wrapped(getattr(holder, last)))


if __name__ == "__main__":
    main()

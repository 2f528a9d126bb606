"""How a client of the broker breaks, told or in silence, and how that is noticed: decision 0023."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

FAULTS: tuple[type[Exception], ...] = (KafkaError, OSError, RuntimeError, asyncio.TimeoutError)
"""What a client raises when broker or connection fail; RuntimeError comes from uvloop on a closed transport."""

_PATIENCE = 12.0
"""Seconds in which a client must answer. During a rebalance aiokafka waits without a bound and a word: a member
was seen to stand still so after a broker's restart until the broker put it out of the group, half a minute later."""


class BrokenInside(KafkaError):  # type: ignore[misc]
    """The client cancelled work of its own, or a task that it depends on has ended."""


@contextmanager
def told_apart() -> Iterator[None]:
    """BrokenInside where CancelledError comes from the client and nobody has ended the task it was called in.

    aiokafka cancels tasks of its own and awaits them; of one that had not begun, or waits to try a fetch again, it
    passes the CancelledError on. A consumer whose `stop` did so ended for good, and nobody had ended it.
    """
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()
    try:
        yield
    except asyncio.CancelledError as error:
        if task.cancelling() > before:
            raise
        raise BrokenInside("the Kafka client cancelled work of its own") from error


@asynccontextmanager
async def patiently(doing: str) -> AsyncIterator[None]:
    """TimeoutError, which leads to a new client, when this one stands still; BrokenInside does the same."""
    try:
        with told_apart():
            async with asyncio.timeout(_PATIENCE) as limit:
                yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise TimeoutError(f"the client has stood still for {_PATIENCE:.0f} s, {doing}") from error


async def records_of(client: Any, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
    """What has come, at most a thousand records. Beside Kafka's faults those of `patiently` and BrokenInside.

    The task that fetches ends at any error that is not Kafka's, such as uvloop's RuntimeError on a closed transport.
    Heartbeats go on then and nothing comes any more, so it is looked at whenever nothing has come.
    """
    async with patiently("reading"):
        found: dict[TopicPartition, list[Any]] = await client.getmany(timeout_ms=timeout_ms, max_records=1000)
    if not found:
        check(client)
    return found


def check(client: Any) -> None:
    """BrokenInside if a task has ended that a consumer depends on."""
    for task in (client._fetcher._fetch_task, client._client._sync_task):
        if task is not None and task.done():
            error = None if task.cancelled() else task.exception()
            raise BrokenInside(f"a task of the Kafka client has ended: {error!r}")

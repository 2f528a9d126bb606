"""Listens to a live feed (server-sent events) and to the same feed by pull."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from deploy.demo.client import FEEDS, Client, DemoFailed, Json
from deploy.words import Words


@dataclass
class Arrivals:
    """Items as they come in, each with the moment of its arrival (seconds, monotonic clock)."""

    received: list[tuple[float, Json]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    broken: str | None = None

    async def first(self, wanted: Callable[[Json], bool], *, seconds: float) -> tuple[float, Json]:
        """The first item that fits, now or within so many seconds."""

        def found() -> bool:
            return self.broken is not None or any(wanted(item) for _, item in self.received)

        try:
            async with asyncio.timeout(seconds), self.changed:
                await self.changed.wait_for(found)
        except TimeoutError:
            raise DemoFailed(
                Words(
                    f"{seconds:.0f} 秒内实时推送没有送来相符的内容",
                    f"nothing fitting arrived on the live feed within {seconds:.0f} s",
                )
            ) from None
        for at, item in self.received:
            if wanted(item):
                return at, item
        raise DemoFailed(Words(f"实时推送中断：{self.broken}", f"the live feed broke off: {self.broken}"))


async def latest_number(client: Client) -> int:
    """The number of the newest item there is, so that listening starts with the next one; 0 for an empty list."""
    number: int = (await client.get(f"{FEEDS}/items", {"limit": 1})).body["next"]
    return number


async def pulled(client: Client, number: int) -> Json:
    """The item with this number, asked for instead of pushed."""
    page = (await client.get(f"{FEEDS}/items", {"after": number - 1, "limit": 1})).body
    if not page["items"] or page["items"][0]["number"] != number:
        raise DemoFailed(
            Words(
                f"第 {number} 条来自实时推送，但不在列表中",
                f"item {number} came over the live feed but is not in the list",
            )
        )
    return page["items"][0]


@asynccontextmanager
async def listening(client: Client, after: int) -> AsyncIterator[Arrivals]:
    """An open live feed; inside the block every new item is noted with the moment it came."""
    arrivals = Arrivals()
    opened = asyncio.Event()
    task = asyncio.create_task(_listen(client, after, arrivals, opened))
    try:
        async with asyncio.timeout(10):
            await opened.wait()
        if arrivals.broken:
            raise DemoFailed(
                Words(f"实时推送打不开：{arrivals.broken}", f"the live feed does not open: {arrivals.broken}")
            )
        yield arrivals
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(client: Client, after: int, arrivals: Arrivals, opened: asyncio.Event) -> None:
    headers = {**client.headers(), "Accept": "text/event-stream", "Last-Event-ID": str(after)}
    timeout = httpx.Timeout(10.0, read=None)
    try:
        async with client.http.stream("GET", f"{FEEDS}/stream", headers=headers, timeout=timeout) as response:
            if response.is_error:
                await response.aread()
                raise ConnectionError(f"{response.status_code} {response.text[:300]}")
            opened.set()
            async for data in events(response.aiter_lines()):
                async with arrivals.changed:
                    arrivals.received.append((time.monotonic(), json.loads(data)))
                    arrivals.changed.notify_all()
        raise ConnectionError(Words("服务器关闭了连接", "the server closed it"))
    except (httpx.HTTPError, ConnectionError, ValueError) as error:
        async with arrivals.changed:
            arrivals.broken = str(error) or type(error).__name__
            arrivals.changed.notify_all()
        opened.set()


async def events(lines: AsyncIterator[str], name: str = "item") -> AsyncIterator[str]:
    """The data of each event of this name (HTML standard, server-sent events); comments and others are passed over."""
    event, data = "message", list[str]()
    async for line in lines:
        if not line:
            if data and event == name:
                yield "\n".join(data)
            event, data = "message", []
            continue
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if key == "data":
            data.append(value)
        elif key == "event":
            event = value

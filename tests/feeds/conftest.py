"""Feeds on a real socket over real PostgreSQL and Kafka, a second worker beside it, and clients that listen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest_asyncio
import uvicorn

from common.database import Database
from common.events.base import Event
from common.http.connection import Connection
from common.testing import People, until
from common.vocabulary import MemberKind
from feeds import commands
from feeds.app import feeds
from feeds.hub import Hub
from tests.conftest import Servers, free_port
from tests.facts import hit


@dataclass
class Worker:
    """One process of the service as clients see it, and its hub as a test may look into it."""

    url: str
    hub: Hub
    server: uvicorn.Server


@asynccontextmanager
async def running(
    servers: Servers, *, instance: int = 0, hub: Hub | None = None, consuming: bool = False
) -> AsyncIterator[Worker]:
    """A worker behind a socket, served as `common.serving` serves it; unless `consuming`, it only has listeners."""
    hub = hub or Hub()
    port = free_port()
    service = feeds(hub)
    if not consuming:
        service = replace(service, reactions=[], publishes=[], follows_access=False)
    app = service.app(servers.settings("feeds", instance=instance, port=port, rate_limit=100_000))
    config = uvicorn.Config(app, port=port, http=Connection, log_config=None, ws="none", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    try:

        async def started() -> bool:
            assert not task.done(), "feeds ended while it was starting"
            return server.started

        await until(started, timeout=30)
        yield Worker(f"http://127.0.0.1:{port}/api/feeds/v1", hub, server)
    finally:
        server.should_exit = True
        await task


@pytest_asyncio.fixture(scope="package")
async def worker(servers: Servers) -> AsyncIterator[Worker]:
    """The worker that most tests talk to."""
    async with running(servers, consuming=True) as started:
        yield started


@pytest_asyncio.fixture
async def client(worker: Worker) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that worker."""
    async with httpx.AsyncClient(base_url=worker.url, timeout=30) as opened:
        yield opened


@dataclass
class Subscriber:
    """An organisation with somebody who reads its feed."""

    id: UUID
    headers: dict[str, str]


@pytest_asyncio.fixture
async def subscriber(people: People) -> Subscriber:
    """An enterprise of its own for each test."""
    organisation_id = await people.organisation(MemberKind.enterprise)
    return Subscriber(organisation_id, await people.account(organisation_id))


async def told(database: Database, *events: Event, trace: str | None = None) -> None:
    """These events have had their effect, in one transaction."""
    async with database.transaction(actor="test") as tx:
        await commands.tell(tx, [(event, trace) for event in events])


async def told_hits(database: Database, subscriber_id: UUID, many: int = 1) -> None:
    """So many items more for this subscriber."""
    await told(database, *(hit(subscriber_id) for _ in range(many)))


async def deaf(events: object) -> None:
    """Stands in for a follower that hears nothing."""


class Listening:
    """What an open stream has received so far."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.comments: list[str] = []
        self.first_id: int | None = None
        self.retry: int | None = None
        self.ended = asyncio.Event()

    @property
    def numbers(self) -> list[int]:
        return [item["number"] for item in self.items]

    async def has(self, many: int, timeout: float = 10) -> list[int]:
        """Wait for so many items; returns their numbers."""

        async def enough() -> bool:
            return len(self.items) >= many

        await until(enough, timeout=timeout)
        return self.numbers

    def take(self, block: str) -> None:
        """One event as the HTML standard reads it, by a client that splits at whatever Unicode calls a line's end."""
        fields: dict[str, str] = {}
        for line in block.splitlines():
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
            else:
                self.comments.append(value.strip())
        if "retry" in fields:
            self.retry, self.first_id = int(fields["retry"]), int(fields["id"])
        if fields.get("event") == "item":
            item = orjson.loads(fields["data"])
            assert item["number"] == int(fields["id"])
            self.items.append(item)


@asynccontextmanager
async def listening(url: str, headers: dict[str, str], after: int | None = None) -> AsyncIterator[Listening]:
    """An open stream; inside the block it is read as fast as it comes."""
    given = headers | ({"last-event-id": str(after)} if after is not None else {})
    state = Listening()
    opened = asyncio.Event()

    async def read() -> None:
        rest = ""
        try:
            async with (
                httpx.AsyncClient(timeout=30, verify=False) as client,
                client.stream("GET", f"{url}/stream", headers=given) as answer,
            ):
                assert answer.status_code == 200, (await answer.aread()).decode()
                assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
                async for text in answer.aiter_text():
                    *blocks, rest = (rest + text).split("\n\n")
                    for block in blocks:
                        state.take(block)
                    opened.set()
        finally:
            opened.set()
            state.ended.set()

    task = asyncio.create_task(read())
    await opened.wait()
    try:
        if task.done():
            task.result()
        yield state
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

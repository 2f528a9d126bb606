"""What tests of delivery stand on: a running relay, a running consumer, events to send, a record of what was seen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from common.background import begin, end
from common.clock import utc_now
from common.consuming import Consumer
from common.database import Database, Transaction
from common.events import Event
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.kafka import replay_topic
from common.reactions import Dispatch, On
from common.relay import Relay
from common.testing import until
from common.vocabulary import NeedState
from tests.conftest import Servers


def need(version: int = 1, need_id: UUID | None = None) -> NeedChanged:
    return NeedChanged(
        version=version, at=utc_now(), need_id=need_id or new_id(), organisation_id=new_id(), state=NeedState.draft
    )


async def publish(database: Database, *events: Event) -> None:
    async with database.transaction() as tx:
        tx.publish(*events)


@asynccontextmanager
async def relaying(servers: Servers, database: Database, service: str = "project_matching") -> AsyncIterator[Relay]:
    relay = Relay(
        url=servers.url(service), service=service, bootstrap=servers.broker.bootstrap, database=database, lease=2.0
    )
    task = begin(relay.run, "relay")
    try:
        yield relay
    finally:
        await end([task])


@asynccontextmanager
async def consuming(servers: Servers, database: Database, *table: On, instance: int = 0) -> AsyncIterator[Consumer]:
    consumer = Consumer(
        service="feeds",
        instance=instance,
        bootstrap=servers.broker.bootstrap,
        database=database,
        dispatch=Dispatch(table),
        also=[replay_topic("feeds")],
    )
    task = begin(consumer.run, "consumer")
    try:
        await until(lambda: true(consumer.ready and consumer._client is not None))  # it joins before it is handed over
        yield consumer
    finally:
        consumer.stop()
        await asyncio.wait_for(task, 15)


async def true(value: bool) -> bool:
    return value


class Seen:
    """What a reaction was given, in order."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.batches: list[int] = []

    async def one(self, tx: Transaction, event: NeedChanged) -> None:
        self.events.append(event)

    async def many(self, tx: Transaction, events: Sequence[NeedChanged]) -> None:
        self.events.extend(events)
        self.batches.append(len(events))

    def versions(self, need_id: UUID) -> list[int]:
        return [event.version for event in self.events if event.need_id == need_id]

    async def has(self, need_id: UUID, count: int) -> bool:
        return len(self.versions(need_id)) >= count


async def is_published(source: Database, need_id: UUID, times: int = 1) -> bool:
    """Whether so many events of a need have left the outbox."""
    sent = await source.fetch_value("SELECT count(*) FROM published WHERE aggregateid = $1", need_id)
    return bool(sent >= times)

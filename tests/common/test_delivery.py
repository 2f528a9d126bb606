"""From a commit to its effect elsewhere: relay, topic, consumer, inbox, dead letters, following, over real servers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from common.clock import utc_now
from common.consuming import Consumer
from common.database import Database, Transaction
from common.events import Event
from common.events.feeds import FeedItemAdded
from common.events.project_matching import NeedChanged
from common.following import Follower
from common.ids import new_id
from common.kafka import start_producer, start_reader, stop
from common.outbox import OutboxRow, record_headers
from common.reactions import Dispatch, On, on, on_many
from common.relay import Relay
from common.testing import until
from common.vocabulary import NeedState
from tests.conftest import Connect, Servers


@pytest_asyncio.fixture
async def source(database_of: Connect) -> Database:
    return await database_of("project_matching")


@pytest_asyncio.fixture
async def target(database_of: Connect) -> Database:
    return await database_of("feeds")


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
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def consuming(servers: Servers, database: Database, *table: On, instance: int = 0) -> AsyncIterator[Consumer]:
    consumer = Consumer(
        service="feeds",
        instance=instance,
        bootstrap=servers.broker.bootstrap,
        database=database,
        dispatch=Dispatch(table),
    )
    task = asyncio.create_task(consumer.run())
    try:
        await until(lambda: _true(consumer.ready))
        yield consumer
    finally:
        consumer.stop()
        await asyncio.wait_for(task, 15)


async def _true(value: bool) -> bool:
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


async def test_what_is_committed_arrives_in_order_and_is_kept(
    servers: Servers, source: Database, target: Database
) -> None:
    seen, need_id = Seen(), new_id()
    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, seen.many)):
        for version in range(1, 21):
            await publish(source, need(version, need_id))
        await until(lambda: seen.has(need_id, 20))
    assert seen.versions(need_id) == list(range(1, 21))
    assert await source.fetch_value("SELECT count(*) FROM outbox WHERE aggregateid = $1", need_id) == 0
    assert await source.fetch_value("SELECT count(*) FROM published WHERE aggregateid = $1", need_id) == 20


async def test_a_record_seen_twice_has_one_effect(servers: Servers, target: Database) -> None:
    seen, event = Seen(), need()
    row = OutboxRow.of(event, actor="test")
    producer = await start_producer(servers.broker.bootstrap, "test")
    columns = ("id", "aggregatetype", "aggregateid", "version", "type", "payload", "headers")
    kept = dict(zip(columns, row.columns(), strict=True))
    async with consuming(servers, target, on(NeedChanged, seen.one)):
        for _ in range(3):
            await producer.send_and_wait(
                "project_matching",
                row.payload.encode(),
                key=str(event.need_id).encode(),
                headers=record_headers(kept, "project_matching"),
            )
        last = need()
        await _send(producer, last)
        await until(lambda: seen.has(last.need_id, 1))
    await stop(producer)
    assert seen.versions(event.need_id) == [1]


async def test_an_older_version_under_another_id_is_left_out(servers: Servers, target: Database) -> None:
    seen, need_id = Seen(), new_id()
    producer = await start_producer(servers.broker.bootstrap, "test")
    async with consuming(servers, target, on(NeedChanged, seen.one)):
        for version in (1, 2, 1, 3):
            await _send(producer, need(version, need_id))
        await until(lambda: seen.has(need_id, 3))
    await stop(producer)
    assert seen.versions(need_id) == [1, 2, 3]


async def _send(producer: Any, event: Event) -> None:
    row = OutboxRow.of(event, actor="test")
    columns = ("id", "aggregatetype", "aggregateid", "version", "type", "payload", "headers")
    kept = dict(zip(columns, row.columns(), strict=True))
    await producer.send_and_wait(
        event.producer,
        row.payload.encode(),
        key=str(event.aggregate_id).encode(),
        headers=record_headers(kept, event.producer),
    )


async def _dead_letters(servers: Servers) -> list[Any]:
    reader = await start_reader(servers.broker.bootstrap, "test")
    from aiokafka import TopicPartition

    partition = TopicPartition("feeds.dead", 0)
    reader.assign([partition])
    reader.seek(partition, (await reader.beginning_offsets([partition]))[partition])
    end = (await reader.end_offsets([partition]))[partition]
    found: list[Any] = []
    while reader.highwater(partition) is None or (await reader.position(partition)) < end:
        for records in (await reader.getmany(timeout_ms=500)).values():
            found += records
        if end == 0:
            break
    await stop(reader)
    return found


async def test_what_cannot_be_read_or_always_fails_goes_to_the_dead_letters_and_the_rest_goes_on(
    servers: Servers, target: Database
) -> None:
    good, bad = need(), need()
    seen = Seen()

    async def refuse(tx: Transaction, event: NeedChanged) -> None:
        if event.need_id == bad.need_id:
            raise KeyError("this one never works")
        await seen.one(tx, event)

    producer = await start_producer(servers.broker.bootstrap, "test")
    async with consuming(servers, target, on(NeedChanged, refuse)):
        await producer.send_and_wait("project_matching", b"{not json", key=b"x", headers=[("ce_type", b"?")])
        await _send(producer, bad)
        await _send(producer, good)
        await until(lambda: seen.has(good.need_id, 1))
        await until(lambda: _two_more(servers, before=0))
    await stop(producer)
    letters = [{name: value.decode() for name, value in record.headers} for record in await _dead_letters(servers)]
    reasons = [letter["dead_reason"] for letter in letters]
    assert any("not a CloudEvent" in reason for reason in reasons)
    failing = next(letter for letter in letters if "this one never works" in letter["dead_reason"])
    assert failing["ce_subject"] == str(bad.need_id)
    assert "refuse" in failing["dead_stack"]
    assert await target.fetch_value("SELECT count(*) FROM applied_version WHERE aggregate_id = $1", bad.need_id) == 0


async def _two_more(servers: Servers, before: int) -> bool:
    return len(await _dead_letters(servers)) >= before + 2


async def test_a_fault_of_the_moment_holds_the_partition_until_it_has_passed(
    servers: Servers, source: Database, target: Database
) -> None:
    seen, need_id, faults = Seen(), new_id(), 3

    async def stumble(tx: Transaction, event: NeedChanged) -> None:
        nonlocal faults
        if event.need_id == need_id and event.version == 2 and faults:
            faults -= 1
            raise asyncpg.DeadlockDetectedError("for the moment")
        await seen.one(tx, event)

    async with relaying(servers, source), consuming(servers, target, on(NeedChanged, stumble)):
        await publish(source, *(need(version, need_id) for version in (1, 2, 3)))
        await until(lambda: _true(faults == 0 and seen.versions(need_id)[-1:] == [3]))
    kept = await target.fetch_value("SELECT version FROM applied_version WHERE aggregate_id = $1", need_id)
    assert (kept, seen.versions(need_id)[-2:]) == (3, [2, 3])


async def test_a_standby_relays_when_the_leader_is_silent(servers: Servers, source: Database) -> None:
    async with relaying(servers, source) as first:
        await until(lambda: _true(first.leading))
        async with relaying(servers, source) as second:
            await asyncio.sleep(0.3)
            assert not second.leading
            ended = await source.fetch_value(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE application_name = 'project_matching relay' AND query LIKE '%outbox%'"
            )
            assert ended == 1
            await until(lambda: _true(second.leading or first.leading), timeout=5)
            need_id = new_id()
            await publish(source, need(need_id=need_id))
            await until(lambda: _published(source, need_id))


async def _published(source: Database, need_id: UUID) -> bool:
    return bool(await source.fetch_value("SELECT count(*) FROM published WHERE aggregateid = $1", need_id))


async def test_a_follower_that_caught_up_has_seen_everything_sent_before(servers: Servers, source: Database) -> None:
    seen: set[UUID] = set()

    async def apply(events: Sequence[Event]) -> None:
        seen.update(event.aggregate_id for event in events)

    follower = Follower(
        bootstrap=servers.broker.bootstrap, name="test", topics=["project_matching", "feeds"], apply=apply
    )
    await follower.start()
    try:
        async with relaying(servers, source):
            for _ in range(5):
                sent = [new_id() for _ in range(50)]
                await publish(source, *(need(need_id=each) for each in sent))
                await until(lambda sent=sent: _all_published(source, sent))  # type: ignore[misc]
                await follower.catch_up()
                assert seen.issuperset(sent)
    finally:
        await follower.stop()


async def test_catching_up_with_a_quiet_topic_takes_no_time(servers: Servers) -> None:
    async def apply(events: Sequence[Event]) -> None:
        pass

    follower = Follower(bootstrap=servers.broker.bootstrap, name="quiet", topics=["feeds"], apply=apply)
    await follower.start()
    try:
        await follower.catch_up()
        for _ in range(3):
            await asyncio.sleep(0.2)  # by now the reader's fetch waits at the broker for something to arrive
            began = asyncio.get_running_loop().time()
            await follower.catch_up()
            assert asyncio.get_running_loop().time() - began < 1
    finally:
        await follower.stop()


async def _all_published(source: Database, needs: list[UUID]) -> bool:
    found = await source.fetch_value("SELECT count(*) FROM published WHERE aggregateid = ANY($1::uuid[])", needs)
    return bool(found == len(needs))


async def test_order_of_an_aggregate_holds_across_event_types_and_shapes(target: Database) -> None:
    order: list[str] = []

    async def listed(tx: Transaction, events: Sequence[NeedChanged]) -> None:
        order.extend(f"list {event.version}" for event in events)

    async def single(tx: Transaction, event: FeedItemAdded) -> None:
        order.append(f"one {event.version}")

    from common.inbox import Received

    key = new_id()
    item = FeedItemAdded(version=3, at=utc_now(), item_id=key, subscriber_id=new_id(), number=1)
    events: list[Event] = [need(1, key), need(2, key), item, need(4, key)]
    batch = [Received(new_id(), event, "test", {}, None) for event in events]
    async with target.transaction() as tx:
        await Dispatch([on_many(NeedChanged, listed), on(FeedItemAdded, single)]).run(tx, batch)
    assert order == ["list 1", "list 2", "one 3", "list 4"]


async def test_two_copies_of_one_event_both_get_the_whole_list(target: Database) -> None:
    from common.inbox import Received

    lists: list[str] = []

    async def rights(tx: Transaction, events: Sequence[NeedChanged]) -> None:
        lists.append(f"rights {len(events)}")

    async def profiles(tx: Transaction, events: Sequence[NeedChanged]) -> None:
        lists.append(f"profiles {len(events)}")

    batch = [Received(new_id(), need(1, new_id()), "test", {}, None) for _ in range(50)]
    async with target.transaction() as tx:
        await Dispatch([on_many(NeedChanged, rights), on_many(NeedChanged, profiles)]).run(tx, batch)
    assert lists == ["rights 50", "profiles 50"]


@pytest.mark.parametrize("parts", [1, 2])
async def test_members_of_the_group_share_the_work_and_lose_nothing(
    servers: Servers, source: Database, target: Database, parts: int
) -> None:
    seen = Seen()
    needs = [new_id() for _ in range(200)]
    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, seen.many)):
        if parts == 2:
            async with consuming(servers, target, on_many(NeedChanged, seen.many), instance=1):
                await publish(source, *(need(need_id=each) for each in needs))
                await until(lambda: _true({e.need_id for e in seen.events}.issuperset(needs)), timeout=20)
        else:
            await publish(source, *(need(need_id=each) for each in needs))
            await until(lambda: _true({e.need_id for e in seen.events}.issuperset(needs)), timeout=20)
    counted = [event.need_id for event in seen.events]
    assert all(counted.count(each) == 1 for each in needs)

"""From a commit to its effect elsewhere: relay, topic, consumer, inbox, following, over real servers."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition

from common.clock import utc_now
from common.database import Database, Transaction
from common.events import Event
from common.events.feeds import FeedItemAdded
from common.events.project_matching import NeedChanged
from common.following import Follower
from common.ids import new_id
from common.kafka import PARTITIONS
from common.reactions import Dispatch, on, on_many
from common.testing import record_of, send, until
from tests.common.delivery import Seen, consuming, need, publish, relaying, true
from tests.conftest import Servers


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


async def test_a_record_seen_twice_has_one_effect(servers: Servers, target: Database, producer: Any) -> None:
    seen, event = Seen(), need()
    record = record_of(event)
    async with consuming(servers, target, on(NeedChanged, seen.one)):
        for _ in range(3):
            await producer.send_and_wait(**record)
        last = need()
        await send(producer, last)
        await until(lambda: seen.has(last.need_id, 1))
    assert seen.versions(event.need_id) == [1]


async def test_an_older_version_under_another_id_is_left_out(servers: Servers, target: Database, producer: Any) -> None:
    seen, need_id = Seen(), new_id()
    async with consuming(servers, target, on(NeedChanged, seen.one)):
        for version in (1, 2, 1, 3):
            await send(producer, need(version, need_id))
        await until(lambda: seen.has(need_id, 3))
    assert seen.versions(need_id) == [1, 2, 3]


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


async def test_a_follower_that_is_beyond_the_end_of_a_shortened_topic_begins_again(
    servers: Servers, source: Database
) -> None:
    seen: set[UUID] = set()

    async def apply(events: Sequence[Event]) -> None:
        await asyncio.sleep(0.3)
        seen.update(event.aggregate_id for event in events)

    sent = [new_id() for _ in range(5)]
    async with relaying(servers, source):
        await publish(source, *(need(need_id=each) for each in sent))
        await until(lambda: _all_published(source, sent))
    follower = Follower(bootstrap=servers.broker.bootstrap, name="beyond", topics=["project_matching"], apply=apply)
    await follower.start({TopicPartition("project_matching", number): 1_000_000 for number in range(PARTITIONS)})
    try:
        await follower.catch_up()
        assert seen.issuperset(sent)
    finally:
        await follower.stop()


async def test_a_follower_takes_in_again_what_it_failed_at(servers: Servers, source: Database) -> None:
    seen: set[UUID] = set()
    failures = 1

    async def apply(events: Sequence[Event]) -> None:
        nonlocal failures
        if events and failures:
            failures -= 1
            raise LookupError("of a kind that nobody expected")
        seen.update(event.aggregate_id for event in events)

    sent = [new_id() for _ in range(5)]
    follower = Follower(bootstrap=servers.broker.bootstrap, name="failing", topics=["project_matching"], apply=apply)
    await follower.start()
    try:
        async with relaying(servers, source):
            await publish(source, *(need(need_id=each) for each in sent))
            await until(lambda: _all_published(source, sent))
        await follower.catch_up()
        assert not failures
        assert seen.issuperset(sent)
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
                await until(lambda: true({e.need_id for e in seen.events}.issuperset(needs)), timeout=20)
        else:
            await publish(source, *(need(need_id=each) for each in needs))
            await until(lambda: true({e.need_id for e in seen.events}.issuperset(needs)), timeout=20)
    counted = [event.need_id for event in seen.events]
    assert all(counted.count(each) == 1 for each in needs)

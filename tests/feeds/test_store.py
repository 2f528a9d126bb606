"""Numbers of one subscriber's items: without gaps, and visible in their order whoever writes."""

import asyncio
import random
from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest

from common.database import Database
from common.ids import new_id
from common.testing import events_in
from feeds import commands
from feeds.store import items_after, items_beyond, last_number, newest_items, subscribers_beyond
from tests.facts import hit
from tests.feeds.conftest import told, told_hits


class GaveUp(Exception):
    """A transaction that comes to nothing."""


async def test_eight_writers_leave_no_gap_and_nobody_sees_a_later_item_before_an_earlier(database: Database) -> None:
    subscribers = [new_id() for _ in range(5)]
    seen: dict[UUID, list[int]] = {subscriber: [] for subscriber in subscribers}
    finished = asyncio.Event()

    async def write(seed: int) -> None:
        choose = random.Random(seed)
        for _ in range(25):
            chosen = choose.choices(subscribers, k=choose.randint(1, 12))
            with suppress(GaveUp):
                async with database.transaction(actor="test") as tx:
                    await commands.tell(tx, [(hit(subscriber), None) for subscriber in chosen])
                    await asyncio.sleep(choose.random() * 0.004)
                    if choose.random() < 0.1:
                        raise GaveUp

    async def read() -> None:
        while not finished.is_set():
            for subscriber, numbers in seen.items():
                rows = await items_after(database, subscriber, numbers[-1] if numbers else 0, 1000)
                numbers.extend(row["number"] for row in rows)

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(seed) for seed in range(8)))
    finished.set()
    await reader
    assert sum(map(len, seen.values())) > 800
    for subscriber, numbers in seen.items():
        rest = await items_after(database, subscriber, numbers[-1], 1000)
        last = await last_number(database, subscriber)
        assert numbers + [row["number"] for row in rest] == list(range(1, last + 1))


async def test_items_of_one_batch_keep_the_order_of_their_events(database: Database) -> None:
    one, other = new_id(), new_id()
    hits = [hit(subscriber) for subscriber in (one, other, one, one, other)]
    await told(database, *hits)
    for subscriber in (one, other):
        rows = await items_after(database, subscriber, 0, 10)
        assert [row["source_id"] for row in rows] == [h.hit_id for h in hits if h.organisation_id == subscriber]


async def test_an_event_that_comes_again_adds_nothing_and_takes_no_number(database: Database) -> None:
    subscriber = new_id()
    first, second = hit(subscriber), hit(subscriber)
    await told(database, first)
    await told(database, first, second, second)
    rows = await items_after(database, subscriber, 0, 10)
    assert [(row["number"], row["source_id"]) for row in rows] == [(1, first.hit_id), (2, second.hit_id)]


async def test_each_item_is_a_fact_in_the_outbox_with_its_number(database: Database) -> None:
    subscriber = new_id()
    async with database.transaction(actor="test") as tx:
        await commands.tell(tx, [(hit(subscriber), None), (hit(subscriber), None)])
        events = [row.payload for row in events_in(tx)]
    items = await items_after(database, subscriber, 0, 10)
    assert len(events) == 2
    for item, event in zip(items, events, strict=True):
        assert f'"number":{item["number"]}' in event
        assert str(item["item_id"]) in event


async def test_the_newest_items_come_in_order(database: Database) -> None:
    subscriber = new_id()
    await told_hits(database, subscriber, 7)
    assert [row["number"] for row in await newest_items(database, subscriber, 3)] == [5, 6, 7]


async def test_several_subscribers_are_read_at_once_each_after_its_own_number(database: Database) -> None:
    one, other, silent = new_id(), new_id(), new_id()
    await told_hits(database, one, 4)
    await told_hits(database, other, 2)
    rows = await items_beyond(database, {one: 1, other: 2, silent: 0}, 2)
    assert [(row["subscriber_id"], row["number"]) for row in rows] == [(one, 2), (one, 3)]
    assert await subscribers_beyond(database, {one: 3, other: 2, silent: 0}) == [one]


async def test_two_batches_that_meet_the_same_subscribers_in_other_orders_do_not_block_each_other(
    database: Database,
) -> None:
    one, other = sorted((new_id(), new_id()))

    async def write(*order: UUID) -> None:
        for _ in range(25):
            await told(database, *(hit(subscriber) for subscriber in order))

    await asyncio.gather(write(one, other), write(other, one))
    assert await last_number(database, one) == await last_number(database, other) == 50


async def test_a_number_cannot_be_given_twice(database: Database) -> None:
    subscriber = new_id()
    await told_hits(database, subscriber)
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.execute(
            "INSERT INTO item SELECT (i).* FROM (SELECT i FROM item i WHERE subscriber_id = $1) AS copied", subscriber
        )

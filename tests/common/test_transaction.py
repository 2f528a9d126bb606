"""One unit of work: all or nothing, events in the order of commits, one answer for a repeated request."""

import asyncio
from uuid import UUID

import pytest

from common.clock import utc_now
from common.database import Database, Transaction
from common.errors import Conflict, StaleVersion, TooLarge
from common.events.feeds import FeedItemAdded
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.repeats import KeyReused, Remembered, RepeatableRequest, Replay
from common.testing import rolled_back
from common.text import Bilingual
from common.vocabulary import NeedState


def fact(version: int = 1, item: UUID | None = None) -> FeedItemAdded:
    return FeedItemAdded(version=version, at=utc_now(), item_id=item or new_id(), subscriber_id=new_id(), number=1)


_PUT = "INSERT INTO applied_version VALUES ($1, $2) RETURNING 1"
_RAISE = "UPDATE applied_version SET version = version + 1 WHERE aggregate_id = $1 AND version = $2 RETURNING 1"


async def waiting(database: Database, aggregate: UUID) -> list[int]:
    rows = await database.fetch("SELECT version FROM outbox WHERE aggregateid = $1 ORDER BY seq", aggregate)
    return [row["version"] for row in rows]


async def test_a_change_and_its_event_are_kept_together(database: Database) -> None:
    aggregate = new_id()
    async with database.transaction() as tx:
        tx.save(_PUT, aggregate, 1)
        tx.publish(fact(item=aggregate))
    assert await waiting(database, aggregate) == [1]
    assert await database.fetch_value("SELECT version FROM applied_version WHERE aggregate_id = $1", aggregate) == 1


async def test_an_error_leaves_neither_change_nor_event(database: Database) -> None:
    aggregate = new_id()
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO applied_version VALUES ($1, 1)", aggregate)
            tx.publish(fact(item=aggregate))
            raise Conflict
    assert await waiting(database, aggregate) == []
    assert await database.fetch_row("SELECT FROM applied_version WHERE aggregate_id = $1", aggregate) is None


async def test_a_save_that_finds_no_row_publishes_nothing(database: Database) -> None:
    aggregate = new_id()
    with pytest.raises(StaleVersion):
        async with database.transaction() as tx:
            tx.save(_RAISE, aggregate, 7)
            tx.publish(fact(item=aggregate))
    assert await waiting(database, aggregate) == []


async def test_reads_after_a_save_see_it(database: Database) -> None:
    async with rolled_back(database) as tx:
        aggregate = new_id()
        tx.save(_PUT, aggregate, 3)
        assert await tx.fetch_value("SELECT version FROM applied_version WHERE aggregate_id = $1", aggregate) == 3


async def test_several_events_keep_their_order(database: Database) -> None:
    aggregate = new_id()
    async with database.transaction() as tx:
        tx.publish(*(fact(version, aggregate) for version in range(1, 30)))
    assert await waiting(database, aggregate) == list(range(1, 30))


async def test_outbox_order_is_commit_order_under_concurrent_writers(database: Database) -> None:
    aggregate = new_id()
    await database.execute("INSERT INTO applied_version VALUES ($1, 0)", aggregate)

    async def write(times: int) -> None:
        while times:
            version = await database.fetch_value(
                "SELECT version FROM applied_version WHERE aggregate_id = $1", aggregate
            )
            try:
                async with database.transaction() as tx:
                    tx.save(_RAISE, aggregate, version)
                    tx.publish(fact(version + 1, aggregate))
                times -= 1
            except StaleVersion:
                continue

    await asyncio.gather(*(write(20) for _ in range(6)))
    assert await waiting(database, aggregate) == list(range(1, 121))


async def test_a_record_too_large_never_enters_the_outbox(database: Database) -> None:
    huge = Bilingual.model_construct(zh="长" * 400_000, en=None)
    with pytest.raises(TooLarge):
        async with database.transaction() as tx:
            tx.publish(
                NeedChanged.model_construct(
                    version=1,
                    at=utc_now(),
                    need_id=new_id(),
                    organisation_id=new_id(),
                    state=NeedState.draft,
                    title=huge,
                )
            )


def request(key: str, body: bytes = b"{}", caller: UUID | None = None) -> RepeatableRequest:
    return RepeatableRequest(caller or UUID(int=7), key, body)


async def post(database: Database, wanted: RepeatableRequest, aggregate: UUID) -> Remembered:
    """A command as an API handler runs it: acts, publishes, remembers its answer."""
    answer = Remembered(201, {"location": str(aggregate)}, str(aggregate).encode())
    try:
        async with database.transaction(request=wanted) as tx:
            tx.save(_PUT, aggregate, 1)
            tx.publish(fact(item=aggregate))
            tx.answer(answer)
        return answer
    except Replay as replay:
        return replay.answer


async def test_a_repeated_request_gets_the_first_answer_and_acts_once(database: Database) -> None:
    wanted, first, second = request(str(new_id())), new_id(), new_id()
    assert await post(database, wanted, first) == await post(database, wanted, second)
    assert await waiting(database, second) == []


async def test_ten_identical_requests_at_once_act_once(database: Database) -> None:
    wanted, ids = request(str(new_id())), [new_id() for _ in range(10)]
    answers = await asyncio.gather(*(post(database, wanted, each) for each in ids))
    assert len({answer.body for answer in answers}) == 1
    written = [each for each in ids if await waiting(database, each)]
    assert [str(each).encode() for each in written] == [answers[0].body]


async def test_the_same_key_with_another_body_is_refused(database: Database) -> None:
    key = str(new_id())
    await post(database, request(key, b"one"), new_id())
    with pytest.raises(KeyReused):
        await post(database, request(key, b"two"), new_id())


async def test_keys_of_two_callers_have_nothing_to_do_with_each_other(database: Database) -> None:
    key, first, second = str(new_id()), new_id(), new_id()
    await post(database, request(key, caller=new_id()), first)
    answer = await post(database, request(key, caller=new_id()), second)
    assert answer.body == str(second).encode()


async def test_a_repetition_that_meets_its_own_result_as_a_conflict_gets_the_first_answer(database: Database) -> None:
    wanted, aggregate = request(str(new_id())), new_id()
    first = await post(database, wanted, aggregate)

    async def again(tx: Transaction) -> None:
        if await tx.fetch_row("SELECT 1 FROM applied_version WHERE aggregate_id = $1", aggregate):
            raise Conflict

    with pytest.raises(Replay) as replay:
        async with database.transaction(request=wanted) as tx:
            await again(tx)
    assert replay.value.answer == first

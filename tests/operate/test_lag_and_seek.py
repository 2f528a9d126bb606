"""How far a service is behind and why it does not move; another position for one that stands still."""

import asyncpg
import pytest
from aiokafka import TopicPartition

from common.database import Database, Transaction
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.reactions import on, on_many
from common.testing import until
from deploy.operate.groups import group_of
from deploy.operate.lag import ServiceLag, lag
from deploy.operate.place import Place
from deploy.operate.seek import seek
from deploy.services import all_services
from deploy.words import Told
from tests.common.delivery import Seen, consuming, need, publish, relaying
from tests.conftest import Servers

FEEDS = tuple(service for service in all_services() if service.name == "feeds")


async def _of_feeds(place: Place) -> ServiceLag:
    (found,) = await lag(place, seconds=1, services=FEEDS)
    return found


async def test_a_held_partition_is_seen_with_its_reason(
    servers: Servers, source: Database, target: Database, place: Place
) -> None:
    seen, held = Seen(), True

    async def wait(tx: Transaction, event: NeedChanged) -> None:
        if held:
            raise asyncpg.LockNotAvailableError("somebody holds a lock")
        await seen.one(tx, event)

    need_id = new_id()
    async with relaying(servers, source), consuming(servers, target, on(NeedChanged, wait)):
        await publish(source, need(1, need_id))

        async def is_held() -> bool:
            return any("somebody holds a lock" in p.reason for p in (await _of_feeds(place)).partitions)

        await until(is_held, timeout=60)
        found = await _of_feeds(place)
        (stuck,) = [p for p in found.partitions if p.reason]
        assert (stuck.stuck, stuck.lag, found.members) == (True, 1, 1)
        held = False
        await until(lambda: seen.has(need_id, 1), timeout=60)

        async def is_free() -> bool:
            return not any(p.lag or p.reason for p in (await _of_feeds(place)).partitions)

        await until(is_free, timeout=60)


async def test_what_waits_in_an_outbox_is_counted(servers: Servers, source: Database, place: Place) -> None:
    matching = [service for service in all_services() if service.name == "project_matching"]
    await publish(source, need(), need())
    (found,) = await lag(place, seconds=0.5, services=matching)
    assert (found.outbox_rows, found.members, found.dead) == (2, 0, 0)
    assert found.outbox_age > 0.5
    async with relaying(servers, source):

        async def is_sent() -> bool:
            return not (await lag(place, seconds=0, services=matching))[0].outbox_rows

        await until(is_sent, timeout=60)


async def test_a_service_goes_on_where_it_was_put_once_it_stands_still(
    servers: Servers, source: Database, target: Database, place: Place
) -> None:
    need_id, first = new_id(), Seen()
    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, first.many)):
        await publish(source, need(1, need_id), need(2, need_id))
        await until(lambda: first.has(need_id, 2), timeout=60)
        with pytest.raises(Told, match="is running"):
            await seek(place, "feeds", "project_matching", offset=0)

    async def is_empty() -> bool:
        return not (await group_of(place, "feeds")).active

    await until(is_empty, timeout=60)
    begins = {p.partition: p.begin for p in (await _of_feeds(place)).partitions}
    chosen = TopicPartition("project_matching", 0)
    assert await seek(place, "feeds", "project_matching", partition=0, offset=begins[chosen]) == {
        chosen: begins[chosen]
    }
    assert (await group_of(place, "feeds")).offsets[chosen].offset == begins[chosen]
    with pytest.raises(Told, match="999999 is not there"):
        await seek(place, "feeds", "project_matching", offset=999_999)
    with pytest.raises(Told, match="does not read feeds"):
        await seek(place, "feeds", "feeds", offset=0)

    again = Seen()
    async with consuming(servers, target, on_many(NeedChanged, again.many)):

        async def has_caught_up() -> bool:
            return not any(p.lag for p in (await _of_feeds(place)).partitions)

        await until(has_caught_up, timeout=60)
    assert again.versions(need_id) == [], "what was read again is known to the inbox"

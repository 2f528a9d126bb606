"""A broker that lost its log, or came back with an older one: everything returns, in order, and has its effect once."""

import asyncio
import shutil
from collections.abc import Sequence
from uuid import UUID

import pytest

from common.database import Database
from common.emptying import DeletionForgotten
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.reactions import on_many
from common.testing import until
from deploy.operate.place import Place
from deploy.operate.refill import refill
from deploy.words import Told
from tests.common.delivery import Seen, consuming, need, publish, relaying, true
from tests.conftest import Servers
from tests.operate.conftest import lose_the_log, make_the_topic_anew, sent_versions

KEYS = 30


@pytest.fixture(autouse=True)
def _no_long_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is half a minute with a broker that has just been started."""
    monkeypatch.setattr("common.emptying._FIRST_NOTE", 0.0)


async def _published(source: Database, keys: Sequence[UUID], *versions: int) -> None:
    for version in versions:
        await publish(source, *(need(version, key) for key in keys))

    async def all_sent() -> bool:
        return not await source.fetch_value("SELECT count(*) FROM outbox")

    await until(all_sent, timeout=30)


async def test_a_relay_fills_an_emptied_topic_before_it_goes_on(
    servers: Servers, source: Database, target: Database
) -> None:
    keys, seen = [new_id() for _ in range(KEYS)], Seen()
    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, seen.many)):
        await _published(source, keys, 1, 2, 3)
        await until(lambda: true(len(seen.events) == 3 * KEYS), timeout=60)
        await lose_the_log(servers)
        await _published(source, keys, 4)
        await until(lambda: true(len(seen.events) >= 4 * KEYS), timeout=90)
    assert all(seen.versions(key) == [1, 2, 3, 4] for key in keys)
    assert all(versions == [1, 2, 3, 4] for versions in (await sent_versions(servers, *keys)).values())


async def test_an_older_log_is_brought_up_to_date_and_no_reader_skips(
    servers: Servers, source: Database, target: Database
) -> None:
    keys, seen = [new_id() for _ in range(KEYS)], Seen()
    async with relaying(servers, source):
        await _published(source, keys, 1)
    servers.broker.stop()
    older = servers.broker.home / "older"
    shutil.copytree(servers.broker.data, older)
    await asyncio.to_thread(servers.broker.start)
    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, seen.many)):
        await _published(source, keys, 2, 3)
        await until(lambda: true(len(seen.events) == 3 * KEYS), timeout=60)
        servers.broker.kill()
        shutil.rmtree(servers.broker.data)
        older.rename(servers.broker.data)
        await asyncio.to_thread(servers.broker.start)
        await _published(source, keys, 4, 5)
        await until(lambda: true(len(seen.events) >= 5 * KEYS), timeout=90)
    assert all(seen.versions(key) == [1, 2, 3, 4, 5] for key in keys)
    assert all(versions == [1, 2, 3, 4, 5] for versions in (await sent_versions(servers, *keys)).values())


async def test_refilling_restores_the_order_where_newer_events_were_faster(
    servers: Servers, source: Database, place: Place
) -> None:
    keys = [new_id() for _ in range(KEYS)]
    async with relaying(servers, source):
        await _published(source, keys, 1, 2)
    await make_the_topic_anew(servers)
    await source.execute("DELETE FROM topic_position")  # a relay that does not know what it had sent
    async with relaying(servers, source) as relay:
        await _published(source, keys, 3)
        assert all(versions == [3] for versions in (await sent_versions(servers, *keys)).values())
        done = await refill(place, "project_matching")
        assert (done.emptied, done.out_of_order) == (True, 0)
        assert all(versions == [1, 2, 3] for versions in (await sent_versions(servers, *keys)).values())
        again = await refill(place, "project_matching")
        assert (again.sent, again.emptied) == (0, False)
        await until(lambda: true(relay.leading))
        await _published(source, keys, 4)
    assert all(versions == [1, 2, 3, 4] for versions in (await sent_versions(servers, *keys)).values())


async def test_an_emptied_topic_stays_so_when_the_broker_is_killed(
    servers: Servers, source: Database, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [new_id() for _ in range(KEYS)]
    async with relaying(servers, source):
        await _published(source, keys, 1, 2)
    await make_the_topic_anew(servers)
    await source.execute("DELETE FROM topic_position")
    async with relaying(servers, source):
        await _published(source, keys, 3)
    await _kill_and_start(servers)  # one that has just been started notes nothing for half a minute
    emptied, goes_on = asyncio.Event(), asyncio.Event()

    async def held(*_: object) -> None:
        emptied.set()
        await goes_on.wait()

    with monkeypatch.context() as waiting:
        waiting.setattr("common.emptying._until_noted", held)
        refilling = asyncio.create_task(refill(place, "project_matching"))
        await asyncio.wait_for(emptied.wait(), 20)
        await _kill_and_start(servers)
        goes_on.set()
        with pytest.raises(DeletionForgotten):
            await refilling
    monkeypatch.undo()  # the second time it is waited for
    assert (await refill(place, "project_matching")).emptied
    await _kill_and_start(servers)
    assert all(versions == [1, 2, 3] for versions in (await sent_versions(servers, *keys)).values())


async def _kill_and_start(servers: Servers) -> None:
    servers.broker.kill()
    await asyncio.to_thread(servers.broker.start)


async def test_a_running_relay_notices_by_what_is_acknowledged(
    servers: Servers, source: Database, target: Database
) -> None:
    keys, seen = [new_id() for _ in range(KEYS)], Seen()
    reading = consuming(servers, target, on_many(NeedChanged, seen.many))
    async with relaying(servers, source) as relay, reading as reader:
        await _published(source, keys, 1, 2)
        await make_the_topic_anew(servers)
        for client in (relay._producer.client, reader._client._client):
            await client.force_metadata_update()  # what a client does by itself once a minute
        await _published(source, keys, 3)
        await until(lambda: true(all(seen.versions(key) == [1, 2, 3] for key in keys)), timeout=90)
    assert all(versions == [1, 2, 3] for versions in (await sent_versions(servers, *keys)).values())


async def test_only_a_service_that_publishes_can_be_refilled(place: Place) -> None:
    with pytest.raises(Told, match="portal"):
        await refill(place, "portal")

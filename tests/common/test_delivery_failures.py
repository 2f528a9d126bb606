"""When delivery fails: dead letters, held partitions, a leader that falls silent, over real servers."""

import asyncio
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, NotCoordinatorForGroupError

from common.consuming import Consumer, _Listener
from common.database import Database, Transaction
from common.dead_letters import DeadLetters
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.kafka import committed_offsets, start_reader, stop
from common.kafka_faults import FAULTS
from common.reactions import on, on_many
from common.testing import send, until
from tests.common.delivery import Seen, consuming, is_published, need, publish, relaying, true
from tests.conftest import Servers


async def _dead_letters(servers: Servers) -> list[Any]:
    reader = await start_reader(servers.broker.bootstrap, "test")
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
    servers: Servers, target: Database, producer: Any
) -> None:
    good, bad = need(), need()
    seen = Seen()

    async def refuse(tx: Transaction, event: NeedChanged) -> None:
        if event.need_id == bad.need_id:
            raise KeyError("this one never works")
        await seen.one(tx, event)

    async with consuming(servers, target, on(NeedChanged, refuse)):
        await producer.send_and_wait("project_matching", b"{not json", key=b"x", headers=[("ce_type", b"?")])
        await send(producer, bad)
        await send(producer, good)
        await until(lambda: seen.has(good.need_id, 1))
        await until(lambda: _buried(servers, "not a CloudEvent", "this one never works"))
    letters = [{name: value.decode() for name, value in record.headers} for record in await _dead_letters(servers)]
    reasons = [letter["dead_reason"] for letter in letters]
    assert any("not a CloudEvent" in reason for reason in reasons)
    failing = next(letter for letter in letters if "this one never works" in letter["dead_reason"])
    assert failing["ce_subject"] == str(bad.need_id)
    assert "refuse" in failing["dead_stack"]
    assert await target.fetch_value("SELECT count(*) FROM applied_version WHERE aggregate_id = $1", bad.need_id) == 0


async def _buried(servers: Servers, *reasons: str) -> bool:
    found = [dict(record.headers)["dead_reason"].decode() for record in await _dead_letters(servers)]
    return all(any(reason in each for each in found) for reason in reasons)


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
        await until(lambda: true(faults == 0 and seen.versions(need_id)[-1:] == [3]))
    kept = await target.fetch_value("SELECT version FROM applied_version WHERE aggregate_id = $1", need_id)
    assert (kept, seen.versions(need_id)[-2:]) == (3, [2, 3])


async def test_what_was_made_out_ahead_waits_behind_what_is_held(
    servers: Servers, source: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, needs, faults, ahead = Seen(), [new_id() for _ in range(20)], 2, 0

    async def stumble(tx: Transaction, event: NeedChanged) -> None:
        nonlocal faults
        if event.need_id == needs[0] and event.version == 30 and faults:
            faults -= 1
            raise asyncpg.DeadlockDetectedError("for the moment")
        tx.after_commit(lambda: done.events.append(event))

    look = Consumer._look_ahead

    async def counted(self: Consumer, client: Any) -> None:
        nonlocal ahead
        await look(self, client)
        ahead += sum(map(len, self._ahead.received.values()))

    monkeypatch.setattr(Consumer, "_look_ahead", counted)
    async with relaying(servers, source):
        for version in range(1, 101):
            await publish(source, *(need(version, each) for each in needs))
        await until(lambda: is_published(source, needs[-1], 100))
        async with consuming(servers, target, on(NeedChanged, stumble)):
            await until(lambda: true(len(done.events) >= 2000), timeout=60)
    assert ahead
    assert not faults
    assert all(done.versions(each) == list(range(1, 101)) for each in needs)


async def test_a_client_that_stands_still_is_replaced(
    servers: Servers, source: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.kafka_faults._PATIENCE", 2.0)
    seen, needs = Seen(), [new_id() for _ in range(50)]
    table = on_many(NeedChanged, seen.many)
    async with relaying(servers, source), consuming(servers, target, table) as first:
        before = first._client
        before._coordinator._stop_heartbeat_task = asyncio.Event().wait  # it never joins the rebalance
        async with consuming(servers, target, table, instance=1):
            assert first._client is not before
            await until(lambda: true(first.ready))
            await publish(source, *(need(need_id=each) for each in needs))
            await until(lambda: true({e.need_id for e in seen.events}.issuperset(needs)), timeout=20)
    counted = [event.need_id for event in seen.events]
    assert all(counted.count(each) == 1 for each in needs)


async def test_a_member_that_is_given_nothing_joins_anew(
    servers: Servers, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.consuming._JOINING", 2.0)
    async with consuming(servers, target, on_many(NeedChanged, Seen().many)) as member:
        before = member._client
        while member._client is before:  # and no assignment follows, however often it tries to join
            await _Listener(member).on_partitions_revoked([])
            assert not member.ready
            await asyncio.sleep(0.2)
        await until(lambda: true(member.ready), timeout=20)


async def test_a_producer_that_is_given_no_answer_is_replaced(
    servers: Servers, source: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.relay._PATIENCE", 2.0)
    need_id = new_id()
    async with relaying(servers, source) as relay:
        await publish(source, need(1, need_id))
        await until(lambda: is_published(source, need_id))
        before = relay._producer
        monkeypatch.setattr(before, "send_batch", _never_acknowledged)
        await publish(source, need(2, need_id))
        await until(lambda: is_published(source, need_id, 2), timeout=20)
        assert relay._producer is not before


async def _never_acknowledged(*_: Any, **__: Any) -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()


async def test_a_standby_relays_when_the_leader_is_silent(servers: Servers, source: Database) -> None:
    async with relaying(servers, source) as first:
        await until(lambda: true(first.leading))
        async with relaying(servers, source) as second:
            await asyncio.sleep(0.3)
            assert not second.leading
            ended = await source.fetch_value(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE application_name = 'project_matching relay' AND query LIKE '%outbox%'"
            )
            assert ended == 1
            await until(lambda: true(second.leading or first.leading), timeout=5)
            need_id = new_id()
            await publish(source, need(need_id=need_id))
            await until(lambda: is_published(source, need_id))


@pytest.mark.parametrize("error", [AssertionError("a mistake inside"), asyncio.CancelledError("a mistake inside")])
@pytest.mark.parametrize("during", ["getmany", "stop"])
async def test_a_consumer_goes_on_after_an_error_of_its_client_that_nobody_expected(
    during: str,
    error: BaseException,
    servers: Servers,
    target: Database,
    producer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, told = Seen(), need()
    async with consuming(servers, target, on(NeedChanged, seen.one)) as consumer:
        client = consumer._client
        stop_client = client.stop

        async def broken(**_: Any) -> None:
            raise error if during == "getmany" else KafkaConnectionError("so that the client is stopped")

        async def stopped() -> None:
            await stop_client()
            if during == "stop":
                raise error

        monkeypatch.setattr(client, "getmany", broken)
        monkeypatch.setattr(client, "stop", stopped)
        await until(lambda: true(consumer.ready and consumer._client is not client), timeout=60)
        await send(producer, told)
        await until(lambda: seen.has(told.need_id, 1))


async def test_a_consumer_whose_client_has_ceased_to_fetch_gets_a_new_one(
    servers: Servers, target: Database, producer: Any
) -> None:
    seen, told = Seen(), need()
    async with consuming(servers, target, on(NeedChanged, seen.one)) as consumer:
        client = consumer._client
        client._fetcher._fetch_task.cancel()
        await until(lambda: true(consumer.ready and consumer._client is not client), timeout=60)
        await send(producer, told)
        await until(lambda: seen.has(told.need_id, 1))


async def test_a_client_that_cannot_stop_does_nothing_any_more(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = await start_reader(servers.broker.bootstrap, "test")
    reader.assign([TopicPartition("feeds", 0)])
    await reader.seek_to_beginning()
    monkeypatch.setattr(reader._coordinator, "close", asyncio.Event().wait)
    fetching = reader._fetcher._fetch_task
    await stop(reader)
    await asyncio.wait([fetching], timeout=5)
    assert fetching.done()


async def test_a_coordinator_that_cannot_say_is_no_group_without_offsets(
    servers: Servers, source: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen()
    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, seen.many)):
        await publish(source, need())
        await until(lambda: true(bool(seen.events)), timeout=60)
    offsets = await committed_offsets(servers.broker.bootstrap, "feeds")
    assert sum(offsets.values()) > 0
    ask = AIOKafkaAdminClient._send_request

    async def refused(self: Any, request: Any, node: Any = None) -> Any:
        answer = await ask(self, request, node)
        if hasattr(answer, "topics") and hasattr(answer, "error_code"):
            answer.topics, answer.error_code = [], NotCoordinatorForGroupError.errno
        return answer

    monkeypatch.setattr(AIOKafkaAdminClient, "_send_request", refused)
    with pytest.raises(NotCoordinatorForGroupError):
        await committed_offsets(servers.broker.bootstrap, "feeds")


async def test_what_could_not_be_buried_is_buried_by_a_new_producer(servers: Servers) -> None:
    letters = DeadLetters(service="feeds", bootstrap=servers.broker.bootstrap)
    reason = f"tried twice {new_id()}"
    record = SimpleNamespace(topic="feeds", partition=0, offset=0, key=b"x", value=b"x", headers=[])
    await letters.bury(record, "the first")
    letters._producer._sender._sender_task.cancel()  # it ends, and nothing is sent by this producer any more
    await asyncio.sleep(0.1)
    with pytest.raises(FAULTS):
        await letters.bury(record, reason)
    await letters.bury(record, reason)
    await letters.stop()
    assert await _buried(servers, reason)

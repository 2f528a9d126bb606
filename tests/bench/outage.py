"""Rows 22 and 23: how soon work goes on after the broker or a consumer was killed."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from common.database import Database
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.kafka import PARTITIONS, start_reader, stop
from common.kafka_faults import FAULTS
from common.reactions import on_many
from common.testing import until
from common.transaction import Transaction
from deploy.local.kafka import Broker
from tests.bench.harness import REPETITIONS, TRIAL, Figure, absolute, interleaved
from tests.bench.organisations import tell
from tests.bench.stage import Stage
from tests.common.delivery import Seen, consuming, need, publish, relaying, true
from tests.conftest import free_port


class TimedSeen(Seen):
    """When the last of what was told arrived."""

    arrived = 0.0

    async def many(self, tx: Transaction, events: Sequence[NeedChanged]) -> None:
        await super().many(tx, events)
        self.arrived = time.perf_counter()


async def restarts(stage: Stage) -> list[Figure]:
    """Row 23: from its start until a new client has read the last record of every partition."""
    await tell(stage, 2_000 if TRIAL else 50_000)
    broker = stage.servers.broker

    async def restarted(*, killed: bool) -> dict[str, float]:
        await asyncio.to_thread(broker.kill if killed else broker.stop)
        began = time.perf_counter()
        await asyncio.to_thread(broker.start)
        await until(lambda: _reads(broker), timeout=60)
        return {"s": time.perf_counter() - began}

    legs = {"ours": lambda: restarted(killed=True), "limit": lambda: restarted(killed=False)}
    samples = await interleaved(legs, steady=("limit", "s"))
    return [samples.figure(23, "broker restart after kill -9 / after a clean stop", "s", goal="<= 3", unit="s")]


async def _reads(broker: Broker) -> bool:
    partitions = [TopicPartition("member_registry", number) for number in range(PARTITIONS)]
    with suppress(*FAULTS):
        reader = await start_reader(broker.bootstrap, "bench")
        try:
            reader.assign(partitions)
            for partition, end in (await reader.end_offsets(partitions)).items():
                reader.seek(partition, end - 1)
            read: set[TopicPartition] = set()
            while len(read) < PARTITIONS:
                read |= set(await asyncio.wait_for(reader.getmany(timeout_ms=1000), 5))
            return True
        finally:
            await stop(reader)
    return False


@dataclass
class Flow:
    """One need that changes again and again, and its changes as they arrive."""

    source: Database
    seen: TimedSeen = field(default_factory=TimedSeen)
    told: int = 0

    def __post_init__(self) -> None:
        self.need_id = new_id()

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        async def tell_again() -> None:
            while True:
                self.told += 1
                await publish(self.source, need(self.told, self.need_id))
                await asyncio.sleep(0.02)

        task = asyncio.create_task(tell_again())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def whole(self) -> bool:
        """Everything has arrived, once and in order."""
        versions = self.seen.versions(self.need_id)
        assert versions == list(range(1, len(versions) + 1)), "lost, doubled or out of order"
        return len(versions) >= self.told - 1

    async def next_after(self, moment: float) -> float:
        """Seconds from then until something arrives."""
        await until(lambda: true(self.seen.arrived > moment), timeout=60, every=0.005)
        return self.seen.arrived - moment


async def recovery(stage: Stage) -> list[Figure]:
    """Row 22: a relay and a consumer at work all the time; nothing may be lost, doubled or out of order."""
    source, target = await stage.database("project_matching"), await stage.database("feeds")
    after_broker = [await _after_broker(stage, source, target) for _ in range(REPETITIONS)]
    after_consumer = [await _after_consumer(stage, source, target) for _ in range(REPETITIONS)]
    return [
        absolute(22, "first record after the broker answers again", after_broker, bound=1, unit="s", beside=False),
        absolute(22, "first record after a consumer's kill -9", after_consumer, bound=1, unit="s"),
    ]


async def _after_broker(stage: Stage, source: Database, target: Database) -> float:
    flow, broker = Flow(source), stage.servers.broker
    async with (
        relaying(stage.servers, source),
        consuming(stage.servers, target, on_many(NeedChanged, flow.seen.many)),
    ):
        async with flow.flowing():
            await flow.next_after(0)
            await asyncio.to_thread(broker.kill)
            await asyncio.sleep(1)
            await asyncio.to_thread(broker.start)
            found = await flow.next_after(time.perf_counter())
        await until(flow.whole, timeout=30)
    return found


async def _after_consumer(stage: Stage, source: Database, target: Database) -> float:
    """The service's own process is killed; its successor in the group is timed from its first step."""
    flow = Flow(source)
    settings = stage.servers.settings("feeds", port=free_port())
    process = stage.process("-m", "common.serving", "feeds", settings=settings)
    async with relaying(stage.servers, source), process as first, flow.flowing():
        await until(lambda: _takes_part(target), timeout=60, every=0.2)
        first.kill()
        await first.wait()
        began = time.perf_counter()
        async with consuming(stage.servers, target, on_many(NeedChanged, flow.seen.many)):
            return await flow.next_after(began)


async def _takes_part(target: Database) -> Any:
    return await target.fetch_value(
        "SELECT EXISTS (SELECT FROM inbox WHERE received_at > now() - interval '2 seconds')"
    )

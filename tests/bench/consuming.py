"""Rows 7 and 17: 20 000 facts from the topic into a copy, beside one at a time and beside only reading them."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition

from common.auth.access import access_reactions
from common.consuming import Consumer
from common.database import Database
from common.events import decode, event_types
from common.events.member_registry import MemberAdmitted
from common.kafka import PARTITIONS, start_reader, stop, text_headers
from common.reactions import Dispatch, on_many
from project_matching.reactions.copies import copy_profiles
from tests.bench.harness import Figure, Samples, interleaved, size
from tests.bench.organisations import tell
from tests.bench.stage import Stage

SERVICE = "project_matching"
EVENTS = size(20_000)
ONE_BY_ONE = size(2_000)
_COPY = "SELECT md5(string_agg(p::text, '|' ORDER BY organisation_id)) FROM profile p"


class Counting(Consumer):
    """A consumer that tells its rate over so many records, counted from the first batch in hand."""

    wanted: int
    rate: "asyncio.Future[float]"
    began = 0.0
    done = 0

    async def _process(self, batch: dict[TopicPartition, list[Any]], known: Any) -> dict[TopicPartition, int]:
        self.began = self.began or time.perf_counter()
        offsets = await super()._process(batch, known)
        self._count(sum(map(len, batch.values())))
        return offsets

    def _count(self, more: int) -> None:
        self.done += more
        if self.done >= self.wanted and not self.rate.done():
            self.rate.set_result(self.done / (time.perf_counter() - self.began))


class OneByOne(Counting):
    """The same with a transaction for every event."""

    async def _process(self, batch: dict[TopicPartition, list[Any]], known: Any) -> dict[TopicPartition, int]:
        self.began = self.began or time.perf_counter()
        for record in [record for records in batch.values() for record in records]:
            await self._single(record)
            self._count(1)
        return {}


async def measure(stage: Stage) -> list[Figure]:
    """Inbox, rights and profiles of an organisation are written; at the end the copy is as it was the first time."""
    database = await stage.database(SERVICE)
    await tell(stage, EVENTS)
    copies: set[str] = set()
    groups = iter(range(1000))

    async def consumed(kind: type[Counting], wanted: int) -> dict[str, float]:
        await stage.empty(SERVICE, "inbox", "applied_version", "profile", "access_organisation")
        rate = await _consume(stage, database, kind, wanted, f"bench-{next(groups)}")
        if wanted == EVENTS:
            copies.add(await database.fetch_value(_COPY))
        return {"rate": rate}

    async def decoded() -> dict[str, float]:
        return {"rate": EVENTS / await decode_only(stage, EVENTS)}

    legs = {
        "ours": lambda: consumed(Counting, EVENTS),
        "one by one": lambda: consumed(OneByOne, ONE_BY_ONE),
        "decode": decoded,
    }
    samples = await interleaved(legs, steady=("decode", "rate"))
    assert len(copies) == 1, "a replay has made another copy"
    stage.known.note(f"replay: every copy of {EVENTS} organisations was the same, row for row")
    return _figures(samples)


def _figures(samples: Samples) -> list[Figure]:
    batches = "inbox and projection, batches / one event per transaction"
    return [
        samples.figure(7, batches, "rate", limit="one by one", goal=">= 30", unit="events/s"),
        samples.figure(
            7, "the same / decode only", "rate", limit="decode", goal=">= 0.35", unit="events/s", beside=True
        ),
        samples.figure(
            17, "replay of a projection / decode only", "rate", limit="decode", goal=">= 0.3", unit="events/s"
        ),
    ]


async def _consume(stage: Stage, database: Database, kind: type[Counting], wanted: int, group: str) -> float:
    dispatch = Dispatch([*access_reactions(), on_many(MemberAdmitted, copy_profiles)])
    consumer = kind(
        service=group, instance=0, bootstrap=stage.servers.broker.bootstrap, database=database, dispatch=dispatch
    )
    consumer.wanted, consumer.rate = wanted, asyncio.get_running_loop().create_future()
    task = asyncio.create_task(consumer.run())
    try:
        return await asyncio.wait_for(consumer.rate, 120)
    finally:
        consumer.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def decode_only(stage: Stage, wanted: int, *, reading_only: bool = False) -> float:
    """Seconds for reading so many records of the member registry and making events of them."""
    reader = await start_reader(stage.servers.broker.bootstrap, "bench")
    try:
        partitions = [TopicPartition("member_registry", number) for number in range(PARTITIONS)]
        reader.assign(partitions)
        await reader.seek_to_beginning(*partitions)
        began, read = 0.0, 0
        while read < wanted:
            batch: dict[TopicPartition, Sequence[Any]] = await reader.getmany(timeout_ms=1000, max_records=1000)
            began = began or time.perf_counter()
            for records in batch.values():
                read += len(records)
                for record in [] if reading_only else records:
                    decode(event_types()[text_headers(record)["ce_type"]], record.value)
        return time.perf_counter() - began
    finally:
        await stop(reader)

"""What is put into the topics: duplicates out of order, and records that cannot be read."""

import random
from typing import Any

from aiokafka import AIOKafkaProducer

from common.kafka import start_producer, stop
from tests.faults.invariants.evidence import PUBLISHERS, records_of
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import Stack


class Duplicates(Fault):
    """A share of all that lies in the topics is sent again, shuffled within windows of fifty."""

    def __init__(self, chance: random.Random, share: float = 0.3) -> None:
        self._chance = chance
        self._share = share
        self._sent = 0

    @property
    def name(self) -> str:
        return f"{self._share:.0%} of the topics' records sent again, out of order"

    async def strike(self, stack: Stack) -> None:
        producer = await start_producer(stack.broker.bootstrap, "duplicates")
        try:
            for topic in PUBLISHERS:
                await self._again(producer, topic, await records_of(stack.broker.bootstrap, topic))
        finally:
            await stop(producer)

    async def _again(self, producer: AIOKafkaProducer, topic: str, records: list[Any]) -> None:
        chosen = [record for record in records if self._chance.random() < self._share]
        for start in range(0, len(chosen), 50):
            window = chosen[start : start + 50]
            self._chance.shuffle(window)
            for record in window:
                await producer.send_and_wait(
                    topic, record.value, key=record.key, headers=list(record.headers), partition=record.partition
                )
                self._sent += 1

    async def heal(self, stack: Stack) -> None:
        """What has been said twice stays said."""

    def fired(self) -> bool:
        return self._sent > 0


class Poison(Fault):
    """Records that are no JSON, or not of their schema, in every topic: they go to the dead letters of each reader."""

    def __init__(self) -> None:
        self._sent = 0

    @property
    def name(self) -> str:
        return "records that cannot be read"

    async def strike(self, stack: Stack) -> None:
        producer = await start_producer(stack.broker.bootstrap, "poison")
        kind = b"org.alliance.member_registry.account.changed.v1"
        headers = [("ce_type", kind), ("ce_id", b"3f2504e0-4f89-11d3-9a0c-0305e82c3301")]
        try:
            for value in (b"not json", b'{"version": 1}'):
                await producer.send_and_wait("member_registry", value, key=b"poison", headers=headers)
            await producer.send_and_wait("member_registry", b"{}", key=b"poison", headers=[("no", b"event")])
        finally:
            await stop(producer)
        self._sent = 3

    async def heal(self, stack: Stack) -> None:
        """An operator's work, afterwards."""

    def fired(self) -> bool:
        return self._sent > 0

"""A broker that comes back without its log, or with an older one: what was acknowledged there is gone."""

import asyncio
import shutil
from pathlib import Path

from aiokafka import TopicPartition

from common.kafka import start_reader, stop
from deploy.setup.topics import prepare_topics
from tests.faults.invariants.evidence import PUBLISHERS
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import PATIENCE, Stack


class LogLost(Fault):
    """The broker is killed and starts with an empty folder; the topics are made anew, as a set-up would."""

    kills = 1

    def __init__(self) -> None:
        self._gone = 0

    @property
    def name(self) -> str:
        return "broker killed, starts with an empty log"

    async def strike(self, stack: Stack) -> None:
        self._gone = await records(stack)
        await asyncio.to_thread(stack.broker.kill)
        await asyncio.to_thread(shutil.rmtree, stack.broker.data)
        (stack.broker.home / "formatted").unlink()

    async def heal(self, stack: Stack) -> None:
        await asyncio.to_thread(stack.broker.start, PATIENCE)
        await prepare_topics(stack.broker.bootstrap)

    def fired(self) -> bool:
        return self._gone > 0


class LogCut(Fault):
    """The broker is killed and starts with the log it had some seconds before."""

    kills = 1

    def __init__(self, seconds: float = 3.0) -> None:
        self.seconds = seconds
        self._then = self._last = 0

    @property
    def name(self) -> str:
        return f"broker killed, starts with its log of {self.seconds:.0f} s before"

    async def strike(self, stack: Stack) -> None:
        """A copy is made now; the broker goes on until the healing."""
        shutil.rmtree(self._older(stack), ignore_errors=True)
        await asyncio.to_thread(shutil.copytree, stack.broker.data, self._older(stack), ignore=_VANISHING)
        self._then = await records(stack)

    async def heal(self, stack: Stack) -> None:
        self._last = await records(stack)
        await asyncio.to_thread(stack.broker.kill)
        await asyncio.to_thread(shutil.rmtree, stack.broker.data)
        self._older(stack).rename(stack.broker.data)
        await asyncio.to_thread(stack.broker.start, PATIENCE)

    def _older(self, stack: Stack) -> Path:
        return stack.broker.home / "older"

    def fired(self) -> bool:
        return self._last > self._then


_VANISHING = shutil.ignore_patterns("*.tmp", "*.deleted", "*.cleaned", "*.swap", ".lock")


async def records(stack: Stack) -> int:
    """How far the topics reach, all partitions together."""
    reader = await start_reader(stack.broker.bootstrap, "count")
    try:
        ends = 0
        for topic in PUBLISHERS:
            reader._client.add_topic(topic)
            await reader._client.force_metadata_update()
            partitions = [TopicPartition(topic, number) for number in reader.partitions_for_topic(topic) or ()]
            ends += sum((await reader.end_offsets(partitions)).values())
        return ends
    finally:
        await stop(reader)

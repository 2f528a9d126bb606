"""Members of a group that are strangers, or slow, or know less than they ought to: nothing is lost."""

import asyncio
import signal
from contextlib import suppress

from aiokafka import ConsumerRebalanceListener, TopicPartition

from common.kafka import leaves_for_good, start_group_consumer, stop
from common.kafka_faults import FAULTS
from tests.faults.drain import lag
from tests.faults.invariants.evidence import dispatch_of
from tests.faults.kinds.fault import Fault
from tests.faults.kinds.processes import started_anew
from tests.faults.stack.stack import Stack
from tests.faults.stack.worker import Worker


class _Silent(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member to whom nothing of it matters."""

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None: ...

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None: ...


class RebalanceStorm(Fault):
    """Members join and leave a service's group every two seconds; they take partitions and commit nothing."""

    def __init__(self, service: str, rounds: int = 8) -> None:
        self._service = service
        self._rounds = rounds
        self._joined = 0

    @property
    def name(self) -> str:
        return f"members join and leave the group of {self._service} every 2 s, {self._rounds} times"

    async def strike(self, stack: Stack) -> None:
        for number in range(self._rounds):
            with suppress(*FAULTS):
                member = await start_group_consumer(
                    stack.broker.bootstrap,
                    *dispatch_of(self._service).topics,
                    group=self._service,
                    instance=100 + number % 4,
                    listener=_Silent(),
                )
                await asyncio.sleep(2)
                self._joined += bool(member.assignment())
                leaves_for_good(member)
                await stop(member)

    async def heal(self, stack: Stack) -> None:
        """Everybody has left."""

    def fired(self) -> bool:
        return self._joined > 0


class SlowConsumer(Fault):
    """Every batch of a worker takes seconds longer than its group allows; others go on, nothing is given up."""

    kills = 2

    def __init__(self, name: str, seconds: float = 15) -> None:
        self._worker_name = name
        self._worker: Worker | None = None
        self._behind = 0
        self.seconds = seconds

    @property
    def name(self) -> str:
        return f"each batch of {self._worker_name} takes 4 s, its group allows 2 s, for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._worker = stack.worker(self._worker_name)
        await started_anew(self._worker, "slow=common.consuming:Consumer._apply:4", "poll=2")

    async def heal(self, stack: Stack) -> None:
        assert self._worker is not None
        self._behind = await lag(stack, self._worker.service.name)
        await self._worker.signal(signal.SIGKILL)

    def fired(self) -> bool:
        return self._behind > 0


class LateIndex(Fault):
    """What a matching worker reads for its index takes a second and a half; what it is to match does not."""

    kills = 2
    seconds = 15

    def __init__(self, name: str) -> None:
        self._worker_name = name
        self._worker: Worker | None = None
        self._restarts = 0

    @property
    def name(self) -> str:
        return f"the index of {self._worker_name} is 1.5 s behind its topics for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._worker = stack.worker(self._worker_name)
        self._restarts = self._worker.restarts
        await started_anew(self._worker, "slow=project_matching.matcher.matcher:Matcher._apply:1.5")

    async def heal(self, stack: Stack) -> None:
        assert self._worker is not None
        await self._worker.signal(signal.SIGKILL)

    def fired(self) -> bool:
        return self._worker is not None and self._worker.restarts > self._restarts

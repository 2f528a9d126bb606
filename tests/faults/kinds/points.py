"""Death at a precise point: between two steps of which neither may be taken for both."""

import asyncio
import signal

from common.testing import until
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import PATIENCE, Stack
from tests.faults.stack.worker import Worker

POINTS = {
    "between commit and answer": "common.database:Transaction._commit?_request:after",
    "between commit and publishing": "common.relay:Relay._send:before",
    "between sending and ack": "aiokafka.producer.sender:Sender._send_produce_req:after",
    "between ack and delete": "common.relay:Relay._acknowledged:after",
    "between fetch and effect": "common.consuming:Consumer._apply:before",
    "between inbox and effect": "common.reactions:Dispatch.run:before",
    "between effect and offset": "common.consuming:Consumer._process:after",
}


class DiesAt(Fault):
    """Both workers of a service are started anew so that they die by themselves at the n-th passing of a point."""

    kills = 3

    def __init__(self, service: str, point: str, number: int = 3) -> None:
        self._service = service
        self._point = point
        self._patch = f"die={POINTS[point]}:{number}"
        self._met: list[Worker] = []
        self._before: dict[str, int] = {}

    @property
    def name(self) -> str:
        return f"{self._service} dies {self._point}"

    async def strike(self, stack: Stack) -> None:
        self._met = stack.of(self._service)
        await asyncio.gather(*(worker.there() for worker in self._met))
        self._before = {worker.name: worker.restarts for worker in self._met}
        for worker in self._met:
            worker.once(self._patch)
            await worker.signal(signal.SIGKILL)

    async def heal(self, stack: Stack) -> None:
        """Those that never came to the point are started anew without it."""
        try:
            await until(self._came_to_it, timeout=PATIENCE, every=0.2)
        except AssertionError:
            return
        finally:
            for worker in self._met:
                if worker.restarts == self._before[worker.name] + 1:
                    await worker.signal(signal.SIGKILL)
        await asyncio.sleep(1)

    async def _came_to_it(self) -> bool:
        return self.fired()

    def fired(self) -> bool:
        return any(worker.restarts >= self._before[worker.name] + 2 for worker in self._met)

"""A service whose wall clock is wrong: no order, lease or number may hang on the clocks of two machines."""

import asyncio
import time
import urllib.request
from email.utils import parsedate_to_datetime

from tests.faults.kinds.fault import Fault
from tests.faults.kinds.processes import started_anew
from tests.faults.stack.stack import Stack
from tests.faults.stack.worker import Worker


class ClockOff(Fault):
    """A worker is started anew with a clock that is off, and after a while once more with a right one."""

    kills = 2

    def __init__(self, name: str, off: int, seconds: float = 15) -> None:
        self._worker_name = name
        self._off = off
        self._seen = 0.0
        self._worker: Worker | None = None
        self.seconds = seconds

    @property
    def name(self) -> str:
        return f"clock of {self._worker_name} {self._off / 3600:+.0f} h for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._worker = stack.worker(self._worker_name)
        await started_anew(self._worker, f"clock={self._off}")
        self._seen = await asyncio.to_thread(_date_of, self._worker.address) - time.time()

    async def heal(self, stack: Stack) -> None:
        assert self._worker is not None
        await started_anew(self._worker)

    def fired(self) -> bool:
        return abs(self._seen - self._off) < 60


def _date_of(address: str) -> float:
    """What a server's answers say the time is."""
    with urllib.request.urlopen(f"{address}/health/live", timeout=10) as answer:
        return parsedate_to_datetime(answer.headers["date"]).timestamp()

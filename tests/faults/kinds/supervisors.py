"""Supervisors that die or stand still: what they keep lives on, and whoever comes after them puts all in order."""

import asyncio
import signal
from abc import abstractmethod

import psutil

from common.testing import until
from deploy.local.processes import alive
from tests.faults.kinds.fault import Fault
from tests.faults.stack.host import Host
from tests.faults.stack.stack import PATIENCE, Stack
from tests.faults.stack.worker import Worker


class SupervisorFault(Fault):
    """Strikes the supervisor of one worker, and something that it keeps."""

    def __init__(self, victim: str, seconds: float = 0.0) -> None:
        self._victim_name = victim
        self.seconds = seconds

    async def strike(self, stack: Stack) -> None:
        self._victim = stack.worker(self._victim_name)
        self._host = stack.host_of(self._victim)
        await self._strike()

    @abstractmethod
    async def _strike(self) -> None:
        """What happens to the victim, its host's other workers and their supervisor."""


class SupervisorKilled(SupervisorFault):
    """SIGKILL to the supervisor of a worker and then to the worker: nobody starts it again until a new one comes.

    The other workers of the host work on without it; the new supervisor ends them in order and starts all anew.
    """

    kills = 2

    def __init__(self, victim: str, seconds: float = 12) -> None:
        super().__init__(victim, seconds)
        self._left: list[psutil.Process] = []
        self._alone = self._replaced = False

    @property
    def name(self) -> str:
        return f"SIGKILL the supervisor of {self._victim_name}, then the worker; no other for {self.seconds:.0f} s"

    async def _strike(self) -> None:
        others = [worker for worker in self._host.workers if worker is not self._victim]
        self._left = [await worker.there() for worker in others]
        self._host.kill()
        await self._victim.signal(signal.SIGKILL)

    async def heal(self, stack: Stack) -> None:
        stayed = all(alive(process) for process in self._left)
        self._alone = stayed and self._victim.process() is None and not self._host.kept
        self._host.start()
        await replaced(self._host, self._left)
        self._replaced = True

    def fired(self) -> bool:
        return self._alone and self._replaced


class SupervisorKilledStarting(SupervisorFault):
    """The workers of a host are killed, and their supervisor in the middle of starting them: the next finds halves."""

    kills = 4

    def __init__(self, victim: str) -> None:
        super().__init__(victim)
        self._halves: list[psutil.Process] = []
        self._unready = self._replaced = False

    @property
    def name(self) -> str:
        return f"SIGKILL every worker beside {self._victim_name}, and the supervisor while it starts them again"

    async def _strike(self) -> None:
        for worker in self._host.workers:
            await worker.signal(signal.SIGKILL)

        async def one_is_begun() -> bool:
            self._halves = [process for worker in self._host.workers if (process := worker.process())]
            return bool(self._halves)

        await until(one_is_begun, timeout=PATIENCE, every=0.05)
        self._host.kill()
        self._unready = bool([True for worker in self._host.workers if await worker.lacks()])

    async def heal(self, stack: Stack) -> None:
        self._host.start()
        await replaced(self._host, self._halves)
        self._replaced = True

    def fired(self) -> bool:
        return self._unready and self._replaced


class SupervisorPaused(SupervisorFault):
    """SIGSTOP to a supervisor, SIGKILL to one of its workers: it notices when it goes on, and starts it again."""

    kills = 1

    def __init__(self, victim: str, seconds: float = 10) -> None:
        super().__init__(victim, seconds)
        self._stayed_away = False

    @property
    def name(self) -> str:
        return f"SIGSTOP the supervisor of {self._victim_name} for {self.seconds:.0f} s, SIGKILL the worker meanwhile"

    async def _strike(self) -> None:
        await self._victim.there()
        self._host.signal(signal.SIGSTOP)
        await self._victim.signal(signal.SIGKILL)

    async def heal(self, stack: Stack) -> None:
        self._stayed_away = self._victim.process() is None
        self._host.signal(signal.SIGCONT)
        await self._victim.there()

    def fired(self) -> bool:
        return self._stayed_away


async def replaced(host: Host, left: list[psutil.Process]) -> None:
    """Return when none of these processes is left and every worker of the host is there and ready."""

    async def all_new() -> bool:
        gone = not any(alive(process) for process in left)
        return gone and all([await _there_and_ready(worker) for worker in host.workers])

    await until(all_new, timeout=PATIENCE, every=0.3)


async def _there_and_ready(worker: Worker) -> bool:
    return await asyncio.to_thread(worker.process) is not None and await worker.ready()

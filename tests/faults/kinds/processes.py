"""Service processes that die or stand still."""

import asyncio
import signal

import psutil

from common.testing import until
from deploy.local.processes import alive
from deploy.local.service import health
from tests.faults.kinds.fault import Fault
from tests.faults.stack.host import Host
from tests.faults.stack.stack import PATIENCE, Stack
from tests.faults.stack.worker import Worker


async def leader(stack: Stack, service: str) -> Worker:
    """The worker whose relay leads."""
    found: list[Worker] = []

    async def one_leads() -> bool:
        for worker in stack.of(service):
            parts = (await asyncio.to_thread(health, worker.address)).get("parts")
            if isinstance(parts, dict) and parts.get("relay") == "leading":
                found.append(worker)
        return bool(found)

    await until(one_leads, timeout=30, every=0.2)
    return found[0]


async def started_anew(worker: Worker, *patches: str) -> None:
    """SIGKILL, and return when it is ready again, with these changes in it until its next start."""
    worker.once(*patches)
    killed = await worker.signal(signal.SIGKILL)

    async def another_is_ready() -> bool:
        process = worker.process()
        return process not in (None, killed) and await worker.ready()

    await until(another_is_ready, timeout=PATIENCE, every=0.3)


class Killed(Fault):
    """SIGKILL to some workers at once; their supervisors start them again, in any order.

    To keep them `down` the supervisors of their hosts die with them; new ones come when it is over.
    """

    def __init__(self, *names: str, down: float = 0.0) -> None:
        self._names = names
        self._met: list[psutil.Process] = []
        self._hosts: list[Host] = []
        self.seconds = down
        self.kills = len(names)

    @property
    def name(self) -> str:
        whom = ", ".join(self._names) if len(self._names) < 6 else "every service process"
        return f"SIGKILL {whom}" + (" and the supervisors of their hosts" if self.seconds else "")

    async def strike(self, stack: Stack) -> None:
        workers = [stack.worker(name) for name in self._names]
        if self.seconds:
            self._hosts = [host for host in stack.hosts if not set(self._names).isdisjoint(host.names)]
        await asyncio.gather(*(worker.there() for worker in workers))
        for host in self._hosts:
            host.kill()
        self._met = [await worker.signal(signal.SIGKILL) for worker in workers]

    async def heal(self, stack: Stack) -> None:
        for host in self._hosts:
            host.start()
        await until(self._died, timeout=5)

    async def _died(self) -> bool:
        return self.fired()

    def fired(self) -> bool:
        return len(self._met) == len(self._names) and not any(alive(process) for process in self._met)


class RelayKilled(Fault):
    """SIGKILL to the worker whose relay leads: the standby takes over."""

    kills = 1

    def __init__(self, service: str) -> None:
        self._service = service
        self._victim: Killed | None = None

    @property
    def name(self) -> str:
        return f"SIGKILL the leading relay of {self._service}"

    async def strike(self, stack: Stack) -> None:
        self._victim = Killed((await leader(stack, self._service)).name)
        await self._victim.strike(stack)

    async def heal(self, stack: Stack) -> None:
        assert self._victim is not None
        await self._victim.heal(stack)

    def fired(self) -> bool:
        return self._victim is not None and self._victim.fired()


class Paused(Fault):
    """SIGSTOP for longer than the lease of a relay, then SIGCONT: the standby must have taken over meanwhile."""

    def __init__(self, service: str, seconds: float) -> None:
        self._service = service
        self._victim: Worker | None = None
        self._successor = False
        self.seconds = seconds

    @property
    def name(self) -> str:
        return f"SIGSTOP the leading worker of {self._service} for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._victim = await leader(stack, self._service)
        await self._victim.signal(signal.SIGSTOP)

    async def heal(self, stack: Stack) -> None:
        assert self._victim is not None
        others = [worker for worker in stack.of(self._service) if worker is not self._victim]
        for other in others:
            parts = (await asyncio.to_thread(health, other.address)).get("parts")
            self._successor |= isinstance(parts, dict) and parts.get("relay") == "leading"
        await self._victim.signal(signal.SIGCONT)

    def fired(self) -> bool:
        """The pause was long enough to be noticed."""
        return self._successor

"""Service processes that die or stand still."""

import asyncio
import signal

from common.testing import until
from deploy.local.service import health
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import Stack
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


class Killed(Fault):
    """SIGKILL to some workers at once; they are started again by their keeper, in any order."""

    def __init__(self, *names: str, down: float = 0.0) -> None:
        self._names = names
        self._before: dict[str, int] = {}
        self._met: list[Worker] = []
        self.seconds = down
        self.kills = len(names)

    @property
    def name(self) -> str:
        return "SIGKILL " + (", ".join(self._names) if len(self._names) < 6 else "every service process")

    async def strike(self, stack: Stack) -> None:
        self._met = [worker for worker in stack.workers if worker.name in self._names]
        self._before = {worker.name: worker.deaths for worker in self._met}
        for worker in self._met:
            worker.held_down = self.seconds > 0
            worker.signal(signal.SIGKILL)

    async def heal(self, stack: Stack) -> None:
        for worker in self._met:
            worker.held_down = False
        await until(self._died, timeout=5)

    async def _died(self) -> bool:
        return self.fired()

    def fired(self) -> bool:
        return all(worker.deaths > self._before[worker.name] for worker in self._met)


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
        self._victim.signal(signal.SIGSTOP)

    async def heal(self, stack: Stack) -> None:
        assert self._victim is not None
        others = [worker for worker in stack.of(self._service) if worker is not self._victim]
        for other in others:
            parts = (await asyncio.to_thread(health, other.address)).get("parts")
            self._successor |= isinstance(parts, dict) and parts.get("relay") == "leading"
        self._victim.signal(signal.SIGCONT)

    def fired(self) -> bool:
        """The pause was long enough to be noticed."""
        return self._successor

"""PostgreSQL and the broker, killed, shut down at once, or away for a while."""

import asyncio
import signal

from tests.faults.kinds.fault import Fault
from tests.faults.kinds.processes import Killed
from tests.faults.stack.stack import PATIENCE, Stack


class PostgresShutDown(Fault):
    """An immediate shutdown (SIGQUIT), a crash recovery, a start; nobody restarts the services."""

    kills = 1

    def __init__(self, down: float = 1.0) -> None:
        self.seconds = down
        self._ended = False

    @property
    def name(self) -> str:
        return f"PostgreSQL shut down at once, away for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        await asyncio.to_thread(stack.postgres.end, signal.SIGQUIT, 20.0)
        self._ended = stack.postgres.pid is None

    async def heal(self, stack: Stack) -> None:
        await asyncio.to_thread(stack.postgres.start, PATIENCE)

    def fired(self) -> bool:
        return self._ended


class BrokerAway(Fault):
    """The broker is killed with SIGKILL, or stopped in order, and comes back with the log it had."""

    def __init__(self, seconds: float, *, killed: bool = True) -> None:
        self.seconds = seconds
        self.kills = int(killed)
        self._killed = killed
        self._ended = False

    @property
    def name(self) -> str:
        return f"broker {'killed' if self._killed else 'stopped'}, away for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        await asyncio.to_thread(stack.broker.kill if self._killed else stack.broker.stop)
        self._ended = stack.broker.pid is None

    async def heal(self, stack: Stack) -> None:
        await asyncio.to_thread(stack.broker.start, PATIENCE)

    def fired(self) -> bool:
        return self._ended


class PowerCut(Fault):
    """Everything at once: supervisors, services, PostgreSQL and broker; then they are started in the order given."""

    kills = 10

    def __init__(self, order: tuple[str, ...]) -> None:
        self._order = order
        self._services: Killed | None = None
        self._ended = False

    @property
    def name(self) -> str:
        return f"SIGKILL everything at once; started again: {', '.join(self._order)}"

    async def strike(self, stack: Stack) -> None:
        self._services = Killed(*(worker.name for worker in stack.workers), down=1)
        await self._services.strike(stack)
        await asyncio.gather(asyncio.to_thread(stack.postgres.kill), asyncio.to_thread(stack.broker.kill))
        self._ended = stack.postgres.pid is None and stack.broker.pid is None

    async def heal(self, stack: Stack) -> None:
        assert self._services is not None
        for part in self._order:
            if part == "postgres":
                await asyncio.to_thread(stack.postgres.start, PATIENCE)
            elif part == "kafka":
                await asyncio.to_thread(stack.broker.start, PATIENCE)
            else:
                await self._services.heal(stack)

    def fired(self) -> bool:
        return self._ended and self._services is not None and self._services.fired()

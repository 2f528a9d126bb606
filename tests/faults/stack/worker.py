"""One process of a service, as `make run` starts it, with its own way to PostgreSQL and to the broker."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import processes
from deploy.local.service import ServiceProcess, health
from deploy.services import ROOT, Service
from tests.faults.stack.proxy import HOST, Proxy


@dataclass
class Worker:
    """Started again half a second after every death, unless it is held down."""

    service: Service
    instance: int
    port: int
    state: Path
    postgres: Proxy
    kafka: Proxy
    patches: Sequence[str] = ()
    """What is changed in this process before it starts (`tests.faults.entry`); empty: the product as it is."""
    once: Sequence[str] = ()
    """The same, for the next start only."""
    deaths: int = 0
    held_down: bool = False
    process: subprocess.Popen[bytes] | None = None
    _kept: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"{self.service.name}-{self.instance}"

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    def start(self) -> None:
        patches, self.once = [*self.patches, *self.once], ()
        module = ["tests.faults.entry", *patches] if patches else ["common.serving"]
        self.process = processes.spawn(
            [sys.executable, "-m", *module, self.service.name],
            state=self.state,
            part=self.name,
            log=self.state / f"logs/{self.name}.log",
            env=self._environment(),
            cwd=ROOT,
        )

    def _environment(self) -> dict[str, str]:
        made = ServiceProcess(
            self.service, self.state, postgres_port=self.postgres.port, kafka=f"{HOST}:{self.kafka.port}"
        )
        more = {"ALLIANCE_INSTANCE": self.instance, "ALLIANCE_PORT": self.port, "ALLIANCE_RATE_LIMIT": 100_000}
        return made.environment() | {name: str(value) for name, value in more.items()}

    def signal(self, number: signal.Signals) -> None:
        """To the process; nothing if it is not there."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)  # type: ignore[union-attr]  # pid says that it is there

    async def ready(self) -> bool:
        return not await self.lacks()

    async def lacks(self) -> str:
        """What it says it is not ready for; nothing of one that is."""
        said = await asyncio.to_thread(health, self.address)
        return "" if said.get("ready") else f"{self.name}: {said.get('parts', 'no answer')}"

    def keep(self) -> None:
        """Begin to start it again whenever it has died."""
        self._kept = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    async def stop(self) -> None:
        if self._kept:
            self._kept.cancel()
            await asyncio.gather(self._kept, return_exceptions=True)
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if self.process:
            try:
                await asyncio.to_thread(self.process.wait, 15)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            if self.process is not None and self.process.poll() is not None:
                self.deaths += 1
                self.process = None
                await asyncio.sleep(0.5)
            if self.process is None and not self.held_down:
                self.start()

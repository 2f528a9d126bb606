"""One process of a service, with its own way to PostgreSQL and to the broker; its host's supervisor keeps it."""

import asyncio
import contextlib
import json
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from common.testing import until
from deploy.local import processes, record
from deploy.local.service import ServiceProcess, health
from deploy.services import Service
from tests.faults.stack.proxy import HOST, Proxy


@dataclass
class Worker:
    """What the harness knows of it: where it answers, what it is told, how to find its process."""

    service: Service
    instance: int
    port: int
    folder: Path
    """Of its host: logs, the supervisor's record, what is changed at the next start."""
    postgres: Proxy
    kafka: Proxy
    patches: Sequence[str] = ()
    """What is changed in this process before it starts (`tests.faults.entry`); empty: the product as it is."""

    @property
    def name(self) -> str:
        return f"{self.service.name}-{self.instance}"

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def environment(self, state: Path) -> dict[str, str]:
        """What it is told, with the secrets of this state folder."""
        made = ServiceProcess(self.service, state, postgres_port=self.postgres.port, kafka=f"{HOST}:{self.kafka.port}")
        more = {"ALLIANCE_INSTANCE": self.instance, "ALLIANCE_PORT": self.port, "ALLIANCE_RATE_LIMIT": 100_000}
        return made.environment() | {name: str(value) for name, value in more.items()}

    def process(self) -> psutil.Process | None:
        """Its living process, found as a supervisor finds it."""
        return next(iter(processes.started(self.folder, self.name).get(self.name, ())), None)

    async def there(self) -> psutil.Process:
        """Its process, waited for while the supervisor lets some time pass before a restart."""
        await until(self._is_there, timeout=60, every=0.2)
        process = self.process()
        assert process is not None, f"{self.name} has died by itself this instant"
        return process

    async def _is_there(self) -> bool:
        return self.process() is not None

    async def signal(self, number: signal.Signals) -> psutil.Process:
        """To its process, which is returned."""
        process = await self.there()
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        return process

    def once(self, *patches: str) -> None:
        """What is changed in addition, at the next start only."""
        once(self.folder, self.name).write_text(json.dumps(patches), encoding="utf-8")

    @property
    def restarts(self) -> int:
        """How often its supervisor has begun to start it again."""
        part = record.read(self.folder).parts.get(self.name)
        return part.restarts if part else 0

    async def ready(self) -> bool:
        return not await self.lacks()

    async def lacks(self) -> str:
        """What it says it is not ready for; nothing of one that is."""
        said = await asyncio.to_thread(health, self.address)
        return "" if said.get("ready") else f"{self.name}: {said.get('parts', 'no answer')}"


def once(folder: Path, name: str) -> Path:
    """Where a worker's next start finds what is changed in it this time."""
    return folder / f"{name}.once"

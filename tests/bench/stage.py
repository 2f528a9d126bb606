"""What every measurement stands on: servers of its own that flush to disk as in earnest, and processes beside them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from common.database import Database
from common.settings import Settings
from deploy.local.service import QUIET
from deploy.services import ROOT
from tests.conftest import Servers

BUILD = ROOT / "build"


@dataclass
class Known:
    """What one measurement tells another, and what is told beside the table."""

    notes: list[str] = field(default_factory=list)
    commands_a_second: float | None = None

    def note(self, text: str) -> None:
        """Told now and again at the end."""
        print(f"    {text}", flush=True)
        self.notes.append(text)


@dataclass
class Stage:
    """Servers for one measurement, and what is to be closed at its end."""

    servers: Servers
    known: Known
    closing: AsyncExitStack

    async def database(self, service: str, size: int = 8) -> Database:
        """A service's own database with so many connections, all of them open."""
        database = await Database.connect(self.servers.url(service), schema=service, name="bench", size=size)
        self.closing.push_async_callback(database.close)
        for pool in (database.pool, database.callers):
            for connection in await asyncio.gather(*(pool.acquire() for _ in range(size))):
                await pool.release(connection)
        return database

    async def empty(self, service: str, *tables: str) -> None:
        """Takes everything out of these tables of a service; its own role may not."""
        owner = await Database.connect(self.servers.url("postgres"), schema=service, name="bench owner")
        try:
            await owner.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            await owner.execute("CHECKPOINT")
        finally:
            await owner.close()

    @asynccontextmanager
    async def process(
        self, *command: str, settings: Settings | None = None
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """A Python process with the project's packages and a service's settings; ended with the block."""
        paths = os.pathsep.join(str(path) for path in (ROOT, ROOT / "services", ROOT / "libs"))
        environment = {**os.environ, **QUIET, "PYTHONPATH": paths, **(told(settings) if settings else {})}
        BUILD.mkdir(exist_ok=True)
        with (BUILD / "bench.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env=environment, stdout=log, stderr=log, cwd=ROOT
            )
            try:
                yield process
            finally:
                if process.returncode is None:
                    process.terminate()
                await asyncio.wait_for(process.wait(), 20)


async def listens(port: int) -> bool:
    """Whether anybody takes connections there."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def told(settings: Settings) -> dict[str, str]:
    """The environment from which a process reads these settings."""
    plain = {"database_url": settings.database_url.get_secret_value()}
    shown = settings.model_dump(
        mode="json", include={"service", "instance", "port", "kafka", "rate_limit", "pool_size"}
    )
    return {f"ALLIANCE_{name.upper()}": str(value) for name, value in {**shown, **plain}.items()}

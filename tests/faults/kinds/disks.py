"""Disks without room, which lie on small file systems of their own; a disk that fails, and one that is lost."""

import asyncio
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

import psutil

from deploy.operate.backup import backup
from deploy.operate.place import Place
from deploy.operate.restore import put_back
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import PATIENCE, Stack, execute


class DiskFull(Fault):
    """Not a byte is left for PostgreSQL, or for the broker; later there is room again, and it is started if it died."""

    needs_small_disks = True

    def __init__(self, part: Literal["postgres", "kafka"], seconds: float = 8) -> None:
        self._part = part
        self._filled = False
        self.seconds = seconds

    @property
    def name(self) -> str:
        return f"no room left on the disk of {self._part} for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        ballast = self._ballast(stack)
        with suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(bytes(1_000_000))
                file.flush()
        await asyncio.sleep(0)
        self._filled = shutil.disk_usage(ballast.parent).free < 1_000_000

    async def heal(self, stack: Stack) -> None:
        self._ballast(stack).unlink()
        await asyncio.sleep(1)
        for server in (stack.postgres, stack.broker):
            if server.pid is None:
                await asyncio.to_thread(server.start, PATIENCE)

    def _ballast(self, stack: Stack) -> Path:
        return (stack.postgres.files.home if self._part == "postgres" else stack.broker.home) / "ballast"

    def fired(self) -> bool:
        return self._filled


class FlushFails(Fault):
    """fdatasync answers EIO once to each of PostgreSQL's processes: it panics and recovers what it had acknowledged."""

    kills = 1

    def __init__(self) -> None:
        self._panicked = False

    @property
    def name(self) -> str:
        return "fdatasync fails with EIO under PostgreSQL"

    async def strike(self, stack: Stack) -> None:
        await asyncio.to_thread(self._inject, stack)

    def _inject(self, stack: Stack) -> None:
        assert stack.postgres.pid is not None
        server = psutil.Process(stack.postgres.pid)
        attached = [word for child in server.children() for word in ("-p", str(child.pid))]
        inject = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=1"]
        with Path(stack.state / "logs/strace.log").open("wb") as log:
            tracer = subprocess.Popen(["strace", "-f", *inject, *attached], stdout=log, stderr=log)
        try:
            time.sleep(4)
        finally:
            tracer.terminate()
            tracer.wait(10)

    async def heal(self, stack: Stack) -> None:
        if stack.postgres.pid is None:
            await asyncio.to_thread(stack.postgres.start, PATIENCE)
        log = stack.postgres.log.read_text(encoding="utf-8", errors="replace")
        self._panicked = "could not fdatasync" in log and "PANIC" in log

    def fired(self) -> bool:
        return self._panicked


class DiskLost(Fault):
    """A backup is made under load, work goes on, the server dies and its data folder with it; only its WAL is left.

    Nobody restarts the services and no reader is moved: with the WAL the database is what it was when it died.
    """

    kills = 1

    def __init__(self, since: float = 10) -> None:
        self._since = since
        self._recovered = False

    @property
    def name(self) -> str:
        return f"PostgreSQL's disk lost {self._since:.0f} s after a backup, put back with the WAL since"

    async def strike(self, stack: Stack) -> None:
        self._copy, self._wal = stack.state / "backup", stack.state / "wal"
        for statement in ("ALTER SYSTEM SET wal_keep_size = '512MB'", "SELECT pg_reload_conf()"):
            await execute(stack, statement)
        await backup(Place(stack.admin_url, stack.broker.bootstrap), self._copy)
        await asyncio.sleep(self._since)
        await asyncio.to_thread(stack.postgres.kill)
        data = stack.postgres.files.data
        shutil.copytree(data / "pg_wal", self._wal)
        shutil.rmtree(data)

    async def heal(self, stack: Stack) -> None:
        await asyncio.to_thread(put_back, stack.state, self._copy, self._wal)
        await asyncio.to_thread(stack.postgres.start, PATIENCE)
        self._recovered = (stack.postgres.files.data / "backup_label.old").exists()
        shutil.rmtree(self._copy)
        shutil.rmtree(self._wal)

    def fired(self) -> bool:
        """PostgreSQL went on from the backup, not from what it had."""
        return self._recovered

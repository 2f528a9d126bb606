"""The database's disk is lost, and put back from a backup and the WAL written since."""

import asyncio
import shutil

from deploy.operate.backup import backup
from deploy.operate.place import Place
from deploy.operate.restore import put_back
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import PATIENCE, Stack, execute


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

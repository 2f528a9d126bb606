"""What a person at the database can do to everybody else."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg

from common.testing import until
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import Stack, execute

_END_HOLDERS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND pid <> {mine}
    AND (classid::bigint, objid::bigint) = (hashtext('relay') & 4294967295, hashtext('{service}') & 4294967295)
"""


class TableLocked(Fault):
    """Somebody locks a table: requests wait, the pool runs out, lock timeouts answer 503; then all goes on."""

    def __init__(self, table: str, seconds: float = 12) -> None:
        self._table = table
        self._waiting = 0
        self._session: Any = None
        self.seconds = seconds

    @property
    def name(self) -> str:
        return f"table {self._table} locked for {self.seconds:.0f} s: pool exhausted, lock timeouts"

    async def strike(self, stack: Stack) -> None:
        self._session = await asyncpg.connect(stack.admin_url)
        await self._session.execute(f"BEGIN; LOCK TABLE {self._table} IN ACCESS EXCLUSIVE MODE")

    async def heal(self, stack: Stack) -> None:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        self._waiting = await self._session.fetchval(sql)
        await self._session.close()

    def fired(self) -> bool:
        return self._waiting > 0


class RelayLockHeld(Fault):
    """A foreign session holds a service's relay lock: its events wait while it works and hears the rest."""

    def __init__(self, service: str, seconds: float) -> None:
        self._service = service
        self._session: Any = None
        self._waiting = 0
        self.seconds = seconds

    @property
    def name(self) -> str:
        return f"the relay lock of {self._service} held by somebody else for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._session = await asyncpg.connect(stack.admin_url)
        key = f"hashtext('relay'), hashtext('{self._service}')"
        taken = asyncio.create_task(self._session.execute(f"SELECT pg_advisory_lock({key})"))
        while not taken.done():  # it is the next in the queue once the holder is gone
            await execute(stack, _END_HOLDERS.format(mine=self._session.get_server_pid(), service=self._service))
            await asyncio.wait([taken], timeout=0.2)
        await taken

    async def heal(self, stack: Stack) -> None:
        self._waiting = await self._session.fetchval(f"SELECT count(*) FROM {self._service}.outbox")
        await self._session.close()

    def fired(self) -> bool:
        return self._waiting > 0


class OldSnapshot(Fault):
    """A transaction stays open and holds back VACUUM: sending must not come to depend on it."""

    def __init__(self, seconds: float) -> None:
        self._session: Any = None
        self._held = 0
        self.seconds = seconds

    @property
    def name(self) -> str:
        return f"a transaction holds its snapshot for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._session = await asyncpg.connect(stack.admin_url)
        await self._session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")

    async def heal(self, stack: Stack) -> None:
        sql = "SELECT age(backend_xmin) FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        self._held = await self._session.fetchval(sql)
        await self._session.close()

    def fired(self) -> bool:
        return self._held > 10


class ColumnAdded(Fault):
    """A migration under load: every table of the delivery and some others get a column that may be empty."""

    TABLES = ("outbox", "inbox", "idempotency_key")
    OTHERS = ("project_matching.need", "project_matching.suggestion", "project_matching.hit", "feeds.item")

    def __init__(self) -> None:
        self._added = 0

    @property
    def name(self) -> str:
        return "a migration adds nullable columns while everything runs"

    async def strike(self, stack: Stack) -> None:
        tables = [f"{s}.{table}" for s in ("member_registry", "project_matching", "feeds") for table in self.TABLES]
        for table in (*tables, *self.OTHERS):
            await until(partial(self._add, stack, table), timeout=120, every=1)

    async def _add(self, stack: Stack, table: str) -> bool:
        """Gives way to the services when it does not get the lock, as a set-up does, which then tries again."""
        statement = f"SET lock_timeout = '2s'; ALTER TABLE {table} ADD COLUMN added_while_running text"
        with suppress(asyncpg.LockNotAvailableError):
            await execute(stack, statement)
            self._added += 1
            return True
        return False

    async def heal(self, stack: Stack) -> None:
        """A column that was added stays."""

    def fired(self) -> bool:
        return self._added == 3 * len(self.TABLES) + len(self.OTHERS)

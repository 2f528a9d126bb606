"""What a person at the database can do to everybody else."""

import asyncio
from abc import abstractmethod
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg

from common.testing import until
from tests.faults.kinds.fault import Fault
from tests.faults.stack.stack import WORKERS, Stack, execute

_END_HOLDERS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND pid <> {mine}
    AND (classid::bigint, objid::bigint) = (hashtext('relay') & 4294967295, hashtext('{service}') & 4294967295)
"""


class ForeignSession(Fault):
    """A session of the superuser that holds something for a while; what it has met is counted before it closes."""

    enough = 0
    """The fault has fired when more than this was counted."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._met = 0

    @abstractmethod
    async def hold(self, session: Any, stack: Stack) -> None:
        """Take what is to be held."""

    @abstractmethod
    def counted(self) -> str:
        """A query for how much it has met."""

    async def strike(self, stack: Stack) -> None:
        self._session = await asyncpg.connect(stack.admin_url)
        await self.hold(self._session, stack)

    async def heal(self, stack: Stack) -> None:
        self._met = await self._session.fetchval(self.counted())
        await self._session.close()

    def fired(self) -> bool:
        return self._met > self.enough


class TableLocked(ForeignSession):
    """Somebody locks a table: requests wait, the pool runs out, lock timeouts answer 503; then all goes on."""

    def __init__(self, table: str, seconds: float = 12) -> None:
        super().__init__(seconds)
        self._table = table

    @property
    def name(self) -> str:
        return f"table {self._table} locked for {self.seconds:.0f} s: pool exhausted, lock timeouts"

    async def hold(self, session: Any, stack: Stack) -> None:
        await session.execute(f"BEGIN; LOCK TABLE {self._table} IN ACCESS EXCLUSIVE MODE")

    def counted(self) -> str:
        return "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


class RelayLockHeld(ForeignSession):
    """Somebody holds a service's relay lock: its events wait while it works and hears the rest."""

    def __init__(self, service: str, seconds: float) -> None:
        super().__init__(seconds)
        self._service = service

    @property
    def name(self) -> str:
        return f"the relay lock of {self._service} held by somebody else for {self.seconds:.0f} s"

    async def hold(self, session: Any, stack: Stack) -> None:
        key = f"hashtext('relay'), hashtext('{self._service}')"
        taken = asyncio.create_task(session.execute(f"SELECT pg_advisory_lock({key})"))
        while not taken.done():  # it is the next in the queue once the holder is gone
            await execute(stack, _END_HOLDERS.format(mine=session.get_server_pid(), service=self._service))
            await asyncio.wait([taken], timeout=0.2)
        await taken

    def counted(self) -> str:
        return f"SELECT count(*) FROM {self._service}.outbox"


class OldSnapshot(ForeignSession):
    """A transaction stays open and holds back VACUUM: sending must not come to depend on it."""

    enough = 10

    @property
    def name(self) -> str:
        return f"a transaction holds its snapshot for {self.seconds:.0f} s"

    async def hold(self, session: Any, stack: Stack) -> None:
        await session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")

    def counted(self) -> str:
        return "SELECT age(backend_xmin) FROM pg_stat_activity WHERE pid = pg_backend_pid()"


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
        tables = [f"{service}.{table}" for service in WORKERS for table in self.TABLES]
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
        return self._added == len(WORKERS) * len(self.TABLES) + len(self.OTHERS)

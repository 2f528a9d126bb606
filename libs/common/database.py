"""A service's database: two pools, one for itself and one for callers, and the transactions on them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import asyncpg
import orjson

from common import telemetry
from common.clock import Clock, utc_now
from common.errors import AllianceError, Unavailable
from common.repeats import RepeatableRequest, Replay
from common.scope import SERVICE_ITSELF, Scope
from common.transaction import Transaction

__all__ = ["DATABASE_FAULTS", "RETRYABLE", "CallersDatabase", "Database", "Reader", "Transaction", "set_codecs"]

RETRYABLE: tuple[type[Exception], ...] = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,
    Unavailable,
)
"""Faults of the moment: the same work may be tried again."""

DATABASE_FAULTS: tuple[type[Exception], ...] = (*RETRYABLE, asyncpg.PostgresError)
"""Everything a database may raise."""


class Reader(Protocol):
    """What reads: an open transaction, the database as a caller sees it, or as the service itself does."""

    async def fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]: ...
    async def fetch_row(self, sql: str, *arguments: object) -> asyncpg.Record | None: ...
    async def fetch_value(self, sql: str, *arguments: object) -> Any: ...
    async def execute(self, sql: str, *arguments: object) -> str: ...


class Database:
    """A service's pools on its own schema; `committed` is set whenever a commit has put rows into the outbox.

    What is asked here directly is asked by the service itself, which sees every row. In a caller's name: `of`.
    """

    def __init__(self, pool: asyncpg.Pool, callers: asyncpg.Pool, clock: Clock = utc_now) -> None:
        self.pool = pool
        self.callers = callers
        self.clock = clock
        self.committed = asyncio.Event()

    @classmethod
    async def connect(cls, url: str, *, schema: str, name: str, size: int = 8) -> "Database":
        """Open the pools, at most `size` connections each; `name` is what PostgreSQL shows as application_name."""
        settings = {
            "application_name": name,
            "search_path": f"{schema},public",
            "timezone": "UTC",
            "statement_timeout": "10000",
            "lock_timeout": "5000",
            "idle_in_transaction_session_timeout": "30000",
            "jit": "off",
        }
        own = await _pool(url, size, settings | SERVICE_ITSELF)
        try:
            return cls(own, await _pool(url, size, settings))
        except BaseException:
            own.terminate()
            raise

    async def close(self) -> None:
        try:
            await asyncio.wait_for(asyncio.gather(self.pool.close(), self.callers.close()), 5)
        except TimeoutError:
            self.pool.terminate()
            self.callers.terminate()

    def of(self, scope: Scope) -> "CallersDatabase":
        """The database as this caller sees it."""
        return CallersDatabase(self, scope)

    @asynccontextmanager
    async def transaction(
        self, *, actor: str = "system", request: RepeatableRequest | None = None, scope: Scope | None = None
    ) -> AsyncIterator[Transaction]:
        """All or nothing, within this scope, or as the service itself.

        With a `request` a repetition raises Replay with the first answer instead of acting twice.
        """
        pool = self.pool if scope is None else self.callers
        tx = Transaction(pool, self.clock(), actor=actor, request=request, scope=scope)
        try:
            with telemetry.span("transaction", kind="client", system="postgresql"):
                try:
                    yield tx
                    await tx._commit()
                except BaseException as error:
                    await _quietly(tx._roll_back())
                    if request is not None and isinstance(
                        error, (AllianceError, asyncpg.IntegrityConstraintViolationError)
                    ):
                        await self._raise_if_repeated(tx, request)
                    raise
        finally:
            await _quietly(tx._release())
        if tx.publishes:
            self.committed.set()

    async def _raise_if_repeated(self, tx: Transaction, request: RepeatableRequest) -> None:
        """A repetition fails on its key or on the state its first run left behind; then the first answer counts."""
        await _quietly(tx._release())
        row = await self.fetch_row(
            "SELECT fingerprint, status, headers, body FROM idempotency_key WHERE caller_id = $1 AND key = $2",
            request.caller_id,
            request.key,
        )
        if row is not None:
            raise Replay(request.answer_from(dict(row))) from None

    async def fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        with telemetry.span("query", kind="client", system="postgresql"):
            return await self.pool.fetch(sql, *arguments)

    async def fetch_row(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        with telemetry.span("query", kind="client", system="postgresql"):
            return await self.pool.fetchrow(sql, *arguments)

    async def fetch_value(self, sql: str, *arguments: object) -> Any:
        with telemetry.span("query", kind="client", system="postgresql"):
            return await self.pool.fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: object) -> str:
        with telemetry.span("query", kind="client", system="postgresql"):
            return await self.pool.execute(sql, *arguments)


class CallersDatabase:
    """A caller's view: each read is a short transaction of three messages, BEGIN and the scope being one of them."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self.clock = database.clock
        self._database = database
        self._scope = scope

    async def fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        async with self._database.transaction(scope=self._scope) as tx:
            return await tx.fetch(sql, *arguments)

    async def fetch_row(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        async with self._database.transaction(scope=self._scope) as tx:
            return await tx.fetch_row(sql, *arguments)

    async def fetch_value(self, sql: str, *arguments: object) -> Any:
        async with self._database.transaction(scope=self._scope) as tx:
            return await tx.fetch_value(sql, *arguments)

    async def execute(self, sql: str, *arguments: object) -> str:
        async with self._database.transaction(scope=self._scope) as tx:
            return await tx.execute(sql, *arguments)


async def _pool(url: str, size: int, settings: dict[str, str]) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        timeout=5,
        command_timeout=15,
        init=set_codecs,
        reset=_nothing_to_reset,
        server_settings=settings,
    )


async def _quietly(cleaning: Any) -> None:
    """Clean up after a failure without hiding that failure; a broken connection is thrown away by the pool."""
    try:
        await cleaning
    except RETRYABLE as error:
        telemetry.log.debug("clean_up_failed", error=repr(error))


async def _nothing_to_reset(connection: Any) -> None:
    """No code here changes more than a transaction's state, so the round trip of asyncpg's reset is saved."""
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


async def set_codecs(connection: Any) -> None:
    """JSON columns are Python values; bytes and UUIDs are asyncpg's own."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_jsonb, decoder=orjson.loads, format="text"
    )


def _encode_jsonb(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()

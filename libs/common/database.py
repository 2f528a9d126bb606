"""The pool and the transaction: a command's reads, its change and its events, committed together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import asyncpg
import orjson

from common import telemetry
from common.clock import Clock, utc_now
from common.errors import AllianceError, StaleVersion, Unavailable
from common.events import Event
from common.outbox import OutboxRow
from common.repeats import Remembered, RepeatableRequest, Replay

T = TypeVar("T")

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

_CARRIED = """
, sent AS (
    INSERT INTO outbox (id, aggregatetype, aggregateid, version, type, payload, headers)
    SELECT id, aggregatetype, aggregateid, version, type, payload, headers
    FROM unnest(${0}::uuid[], ${1}::text[], ${2}::uuid[], ${3}::int[], ${4}::text[], ${5}::text[], ${6}::jsonb[])
         WITH ORDINALITY AS o (id, aggregatetype, aggregateid, version, type, payload, headers, place)
    WHERE EXISTS (SELECT FROM saved) ORDER BY place
), remembered AS (
    INSERT INTO idempotency_key (caller_id, key, fingerprint, status, headers, body)
    SELECT * FROM unnest(${7}::uuid[], ${8}::text[], ${9}::bytea[], ${10}::smallint[], ${11}::jsonb[], ${12}::bytea[])
    WHERE EXISTS (SELECT FROM saved)
)
SELECT count(*) FROM saved
"""


class Transaction:
    """One unit of work. Commands and reactions take it as their first argument; none of them commits.

    Reads and immediate writes (`fetch…`, `execute`) open the database transaction when first used. `save` keeps a
    write back until the end, where it travels in one statement with the events and the remembered answer: a command
    that only saves costs one round trip. The outbox number is drawn after the save has taken its rows, so that the
    order of the outbox is the order of commits for each aggregate.
    """

    def __init__(self, pool: asyncpg.Pool, now: datetime, actor: str, request: RepeatableRequest | None) -> None:
        self._pool = pool
        self._connection: Any = None
        self._begun = False
        self._saves: list[tuple[str, Sequence[object], AllianceError | None]] = []
        self._events: list[OutboxRow] = []
        self._request = request
        self._answer: Remembered | None = None
        self._after_commit: list[Callable[[], None]] = []
        self._gathered: dict[Callable[[Transaction, list[Any]], Awaitable[None]], list[Any]] = {}
        self.now = now
        self.actor = actor

    async def fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        return await (await self._open()).fetch(sql, *arguments)  # type: ignore[no-any-return]

    async def fetch_row(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        return await (await self._open()).fetchrow(sql, *arguments)  # type: ignore[no-any-return]

    async def fetch_value(self, sql: str, *arguments: object) -> Any:
        return await (await self._open()).fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: object) -> str:
        return await (await self._open()).execute(sql, *arguments)  # type: ignore[no-any-return]

    def save(self, sql: str, *arguments: object, otherwise: AllianceError | None = None) -> None:
        """Keep this INSERT/UPDATE/DELETE … RETURNING for the end; no row changed means `otherwise` (StaleVersion)."""
        self._saves.append((sql, arguments, otherwise))

    def publish(self, *events: Event) -> None:
        """Send these facts when, and only when, this transaction commits. TooLarge if one would not fit a record."""
        self._events.extend(OutboxRow.of(event, actor=self.actor) for event in events)

    def answer(self, remembered: Remembered) -> None:
        """What the caller is told; kept under its Idempotency-Key together with the change itself."""
        self._answer = remembered

    def gather(self, write: Callable[["Transaction", list[T]], Awaitable[None]], *things: T) -> None:
        """Keep these for the end, when `write` gets all that was gathered for it at once.

        So the reactions of a batch, whatever their events, write with one statement, which takes its row locks in one
        order; several statements would take them in several, and two workers would wait for each other.
        """
        self._gathered.setdefault(write, []).extend(things)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run this once the change is durable, never when it was rolled back."""
        self._after_commit.append(action)

    async def _open(self) -> Any:
        if self._connection is None:
            self._connection = await self._pool.acquire(timeout=5)
        if not self._begun:
            await self._connection.execute("BEGIN")
            self._begun = True
        for sql, arguments, otherwise in self._saves:
            if not await self._connection.fetch(sql, *arguments):
                raise otherwise or StaleVersion()
        self._saves.clear()
        return self._connection

    async def _commit(self) -> None:
        for write, things in self._gathered.items():
            await write(self, things)
        if not self._begun and len(self._saves) == 1:
            await self._commit_at_once()
        elif self._begun or self._saves:
            connection = await self._open()
            if self._events or self._answer:
                await connection.fetchval("WITH saved AS (SELECT 1)" + _carried(0), *self._carried())
            await connection.execute("COMMIT")
            self._begun = False
        elif self._events or self._answer:
            self._saves.append(("SELECT 1", (), None))
            await self._commit_at_once()
        for action in self._after_commit:
            action()

    async def _commit_at_once(self) -> None:
        ((sql, arguments, otherwise),) = self._saves
        self._saves.clear()
        self._connection = await self._pool.acquire(timeout=5)
        if self._events or self._answer:
            whole = f"WITH saved AS ({sql})" + _carried(len(arguments))
            saved = await self._connection.fetchval(whole, *arguments, *self._carried())
        else:
            saved = len(await self._connection.fetch(sql, *arguments))
        if not saved:
            raise otherwise or StaleVersion()

    def _carried(self) -> list[list[Any]]:
        rows = [row.columns() for row in self._events]
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(7)]
        if self._answer and self._request:
            kept = self._answer
            columns += [[v] for v in self._request.key_columns()]
            columns += [[kept.status], [kept.headers], [kept.body]]
        else:
            columns += [[] for _ in range(6)]
        return columns

    async def _roll_back(self) -> None:
        if self._connection is not None and self._begun:
            self._begun = False
            if not self._connection.is_closed():
                await self._connection.execute("ROLLBACK")

    async def _release(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await self._pool.release(connection)

    @property
    def publishes(self) -> bool:
        return bool(self._events)


_statements: dict[int, str] = {}


def _carried(offset: int) -> str:
    if offset not in _statements:
        _statements[offset] = _CARRIED.format(*(offset + n for n in range(1, 14)))
    return _statements[offset]


class Database:
    """A service's pool on its own schema; `committed` is set whenever a commit has put rows into the outbox."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock = utc_now) -> None:
        self.pool = pool
        self.clock = clock
        self.committed = asyncio.Event()

    @classmethod
    async def connect(cls, url: str, *, schema: str, name: str, size: int = 8) -> "Database":
        """Open the pool; `name` is what PostgreSQL shows as application_name."""
        pool = await asyncpg.create_pool(
            url,
            min_size=2,
            max_size=size,
            timeout=5,
            command_timeout=15,
            init=set_codecs,
            reset=_nothing_to_reset,
            server_settings={
                "application_name": name,
                "search_path": f"{schema},public",
                "timezone": "UTC",
                "statement_timeout": "10000",
                "lock_timeout": "5000",
                "idle_in_transaction_session_timeout": "30000",
                "jit": "off",
            },
        )
        return cls(pool)

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self.pool.close(), 5)
        except TimeoutError:
            self.pool.terminate()

    @asynccontextmanager
    async def transaction(
        self, *, actor: str = "system", request: RepeatableRequest | None = None
    ) -> AsyncIterator[Transaction]:
        """All or nothing. With a `request` a repetition raises Replay with the first answer instead of acting twice."""
        tx = Transaction(self.pool, self.clock(), actor, request)
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


async def _quietly(cleaning: Any) -> None:
    """Clean up after a failure without hiding that failure; a broken connection is thrown away by the pool."""
    try:
        await cleaning
    except RETRYABLE as error:
        telemetry.log.debug("clean_up_failed", error=repr(error))


async def _nothing_to_reset(connection: Any) -> None:
    """No code here changes a session's state, so the round trip of asyncpg's reset is saved."""
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


async def set_codecs(connection: Any) -> None:
    """JSON columns are Python values; bytes and UUIDs are asyncpg's own."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_jsonb, decoder=orjson.loads, format="text"
    )


def _encode_jsonb(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()

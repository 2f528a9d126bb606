"""One unit of work: a command's reads, its change and its events, committed together in somebody's name."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

import asyncpg

from common.errors import AllianceError, StaleVersion
from common.events import Event
from common.outbox import OutboxRow
from common.repeats import Remembered, RepeatableRequest
from common.scope import Scope

T = TypeVar("T")

_OUTBOX = "outbox (id, aggregatetype, aggregateid, version, type, payload, headers)"
_ONE_EVENT = f"""
, sent AS (
    INSERT INTO {_OUTBOX}
    SELECT $::uuid, $::text, $::uuid, $::int, $::text, $::text, $::jsonb WHERE EXISTS (SELECT FROM saved)
)"""
_EVENTS = f"""
, sent AS (
    INSERT INTO {_OUTBOX}
    SELECT id, aggregatetype, aggregateid, version, type, payload, headers
    FROM unnest($::uuid[], $::text[], $::uuid[], $::int[], $::text[], $::text[], $::jsonb[])
         WITH ORDINALITY AS o (id, aggregatetype, aggregateid, version, type, payload, headers, place)
    WHERE EXISTS (SELECT FROM saved) ORDER BY place
)"""
_ANSWER = """
, remembered AS (
    INSERT INTO idempotency_key (caller_id, key, fingerprint, status, headers, body)
    SELECT $::uuid, $::text, $::bytea, $::smallint, $::jsonb, $::bytea WHERE EXISTS (SELECT FROM saved)
)"""


@dataclass(frozen=True, slots=True)
class _Save:
    """A write that waits for the end. `tail` follows a condition of ours; None where none can be put."""

    sql: str
    arguments: Sequence[object] = ()
    otherwise: AllianceError | None = None
    tail: str | None = None

    def whole(self) -> str:
        return self.sql + (self.tail or "")

    def within(self, scope: Scope) -> "_Save":
        """The same as a statement that needs no transaction around it to be in this scope."""
        condition = scope.condition(len(self.arguments) + 1)
        return _Save(f"{self.sql} WHERE {condition}{self.tail}", (*self.arguments, *scope.values), self.otherwise)


class Transaction:
    """One unit of work. Commands and reactions take it as their first argument; none of them commits.

    Reads and immediate writes (`fetch…`, `execute`) open the database transaction when first used. `save` keeps a
    write back until the end, where it travels in one statement with the events and the remembered answer: a command
    that only inserts costs one round trip. The outbox number is drawn after the save has taken its rows, so that the
    order of the outbox is the order of commits for each aggregate.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        now: datetime,
        *,
        actor: str,
        request: RepeatableRequest | None,
        scope: Scope | None,
    ) -> None:
        self._pool = pool
        self._scope = scope
        self._connection: Any = None
        self._begun = False
        self._saves: list[_Save] = []
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
        self._saves.append(_Save(sql, arguments, otherwise))

    def insert(self, into: str, values: str, *arguments: object) -> None:
        """Keep a new row for the end: `insert("need (id, version)", "$1, $2", …)`. Alone it is one round trip."""
        self._saves.append(_Save(f"INSERT INTO {into} SELECT {values}", arguments, tail=" RETURNING true"))

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
            await self._connection.execute(self._scope.begin if self._scope else "BEGIN")
            self._begun = True
        for save in self._saves:
            if not await self._connection.fetch(save.whole(), *save.arguments):
                raise save.otherwise or StaleVersion()
        self._saves.clear()
        return self._connection

    async def _commit(self) -> None:
        for write, things in self._gathered.items():
            await write(self, things)
        if not self._begun and not self._saves and (self._events or self._answer):
            self._saves.append(_Save("SELECT 1", tail=""))
        if not self._begun and len(self._saves) == 1 and (self._scope is None or self._saves[0].tail is not None):
            await self._commit_at_once()
        elif self._begun or self._saves:
            connection = await self._open()
            if self._events or self._answer:
                await connection.fetchval(*self._carrying("SELECT 1", ()))
            await connection.execute("COMMIT")
            self._begun = False
        for action in self._after_commit:
            action()

    async def _commit_at_once(self) -> None:
        (save,) = self._saves
        self._saves.clear()
        if self._scope is not None:
            save = save.within(self._scope)
        self._connection = await self._pool.acquire(timeout=5)
        if self._events or self._answer:
            saved = await self._connection.fetchval(*self._carrying(save.whole(), save.arguments))
        else:
            saved = len(await self._connection.fetch(save.whole(), *save.arguments))
        if not saved:
            raise save.otherwise or StaleVersion()

    def _carrying(self, saved: str, arguments: Sequence[object]) -> tuple[object, ...]:
        """One statement with this save, the events and the answer, and its arguments.

        One event travels as plain values: the driver checks each element of an array.
        """
        rows = [row.columns() for row in self._events]
        events: Iterable[object] = rows[0] if len(rows) == 1 else map(list, zip(*rows, strict=True))
        answer: Sequence[object] = ()
        if self._answer and self._request:
            kept = self._answer
            answer = (*self._request.key_columns(), kept.status, kept.headers, kept.body)
        return _statement(saved, len(arguments), min(len(rows), 2), bool(answer)), *arguments, *events, *answer

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


@lru_cache(1000)
def _statement(saved: str, arguments: int, events: int, answer: bool) -> str:
    """`saved` has so many arguments; none, one or several events; their own arguments are numbered after its."""
    carried = ("", _ONE_EVENT, _EVENTS)[events] + (_ANSWER if answer else "")
    numbers = count(arguments + 1)
    numbered = re.sub(r"\$", lambda _: f"${next(numbers)}", carried)
    return f"WITH saved AS ({saved}){numbered} SELECT count(*) FROM saved"

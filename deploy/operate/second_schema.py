"""A schema beside a service's own, with the same tables and nothing in them; comparing and exchanging rows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from common.reactions import Copy
from deploy.words import Told, Words

_EXAMPLES = 3
_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND NOT relispartition
"""
_COLUMNS = """
SELECT attname, attgenerated <> '' AS generated,
       coalesce(attnum = ANY(indkey::smallint[]), false) AS key
FROM pg_attribute LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


@dataclass(frozen=True)
class Compared:
    """A copy as it is and as it was made anew; a row that differs counts on both sides. Examples: rows as JSON."""

    table: str
    live: int
    rebuilt: int
    only_live: int
    only_rebuilt: int
    examples_live: tuple[str, ...]
    examples_rebuilt: tuple[str, ...]

    @property
    def equal(self) -> bool:
        return not self.only_live and not self.only_rebuilt


@asynccontextmanager
async def second_schema(connection: Any, service: str) -> AsyncIterator[str]:
    """Its name; dropped at the end. Failure when somebody else is rebuilding this service."""
    if not await connection.fetchval("SELECT pg_try_advisory_lock(hashtext('rebuild'), hashtext($1))", service):
        raise Told(Words(f"{service} 正由另一进程重建。", f"{service} is being rebuilt by somebody else."))
    name = f"{service}_rebuilt"
    await connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")
    try:
        for row in await connection.fetch(_TABLES, service):
            table = row["relname"]
            await connection.execute(f"CREATE TABLE {name}.{table} (LIKE {service}.{table} INCLUDING ALL)")
        yield name
    finally:
        if not connection.is_closed():
            await connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")


async def compare(connection: Any, service: str, second: str, copy: Copy) -> Compared:
    """Row by row, in the columns that events decide."""
    rows = await connection.fetch(_COLUMNS, f"{service}.{copy.table}")
    columns = ", ".join(row["attname"] for row in rows if row["attname"] not in copy.decided_here)
    live, rebuilt = (f"SELECT {columns} FROM {s}.{copy.table} WHERE {copy.compared}" for s in (service, second))
    only_live, only_rebuilt = f"{live} EXCEPT ALL {rebuilt}", f"{rebuilt} EXCEPT ALL {live}"
    return Compared(
        table=copy.table,
        live=await _count(connection, live),
        rebuilt=await _count(connection, rebuilt),
        only_live=await _count(connection, only_live),
        only_rebuilt=await _count(connection, only_rebuilt),
        examples_live=await _first(connection, only_live),
        examples_rebuilt=await _first(connection, only_rebuilt),
    )


async def _count(connection: Any, rows: str) -> int:
    return int(await connection.fetchval(f"SELECT count(*) FROM ({rows}) AS r"))


async def _first(connection: Any, rows: str) -> tuple[str, ...]:
    found = await connection.fetch(f"SELECT to_jsonb(r)::text AS row FROM ({rows}) AS r LIMIT {_EXAMPLES}")
    return tuple(row["row"] for row in found)


async def exchange(connection: Any, service: str, second: str, copies: Sequence[Copy]) -> None:
    """Make the live rows what the second schema's are, in the caller's transaction.

    The rows and not the tables are exchanged: grants, policies, references and whoever reads meanwhile stay as they
    are, and only what differs is written.
    """
    for copy in copies:
        rows = await connection.fetch(_COLUMNS, f"{service}.{copy.table}")
        key = [row["attname"] for row in rows if row["key"]]
        written = [row["attname"] for row in rows if not row["generated"]]
        others = [name for name in written if name not in key]
        same_key = " AND ".join(f"live.{name} = made.{name}" for name in key)
        await connection.execute(
            f"DELETE FROM {service}.{copy.table} AS live"
            f" WHERE NOT EXISTS (SELECT FROM {second}.{copy.table} AS made WHERE {same_key})"
        )
        update = (
            f"UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)} WHERE"
            f" ({', '.join(f'live.{name}' for name in others)}) IS DISTINCT FROM"
            f" ({', '.join(f'excluded.{name}' for name in others)})"
        )
        await connection.execute(
            f"INSERT INTO {service}.{copy.table} AS live ({', '.join(written)})"
            f" SELECT {', '.join(written)} FROM {second}.{copy.table}"
            f" ON CONFLICT ({', '.join(key)}) DO {update if others else 'NOTHING'}"
        )

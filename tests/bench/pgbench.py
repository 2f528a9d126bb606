"""PostgreSQL's own load program with the very statement that a transaction of ours sends."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import asyncpg
import orjson

from common.database import Database
from tests.conftest import Servers


class _Overheard:
    """Stands in for a pool and keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: tuple[str, tuple[Any, ...]] = ("", ())

    async def acquire(self, timeout: float) -> "_Overheard":
        return self

    async def release(self, connection: object) -> None:
        """Nothing is held."""

    async def fetchval(self, sql: str, *arguments: Any) -> int:
        self.asked = (sql, arguments)
        return 1


async def statement_of(command: Callable[[Database], Awaitable[Any]]) -> tuple[str, tuple[Any, ...]]:
    """The one statement with which this command commits, and its arguments."""
    pool = _Overheard()
    await command(Database(cast(asyncpg.Pool, pool), cast(asyncpg.Pool, pool)))
    return pool.asked


def script_of(sql: str, arguments: Sequence[Any], *, known: UUID) -> str:
    """The statement with its arguments written in; every id but one is new each time, as it is in a command."""
    literals = [f"'{known}'" if argument == known else _literal(argument) for argument in arguments]
    return re.sub(r"\$(\d+)", lambda found: literals[int(found[1]) - 1], sql) + ";\n"


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool | int):
        return "NULL" if value is None else str(value)
    if isinstance(value, UUID):
        return "uuidv7()"
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(_literal, value))}]" if value else "'{}'"
    text = value.isoformat() if isinstance(value, datetime) else value
    text = orjson.dumps(text).decode() if isinstance(text, dict) else str(text)
    # pgbench would take a colon for one of its variables.
    return "E'" + text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a") + "'"


async def transactions_a_second(servers: Servers, schema: str, script: Path, connections: int, seconds: int) -> float:
    """How many of these statements one thread of pgbench gets done.

    Its connecting comes off its time, so on a busy machine it may need more to get anything done at all.
    """
    program = servers.postgres.files.programs / "pgbench"
    url = f"{servers.url(schema)}?options={quote(f'-csearch_path={schema},public', safe='')}"
    words = ("--no-vacuum", "--protocol=prepared", f"--client={connections}", f"--file={script}")
    for time in (seconds + 1, 10 * seconds):
        process = await asyncio.create_subprocess_exec(
            program, *words, f"--time={time}", url, stdout=asyncio.subprocess.PIPE
        )
        told, _ = await process.communicate()
        assert process.returncode == 0, told.decode()
        if found := re.search(r"tps = ([\d.]+)", told.decode()):
            return float(found[1])
    raise AssertionError(told.decode())

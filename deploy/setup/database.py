"""The database, its roles and schemas, from the SQL files in `deploy/postgres`, then each service's migrations."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.services import DATABASE, MIGRATOR, ROOT, all_services
from deploy.setup.migrations import folders, migrate
from deploy.words import Told, Words

LOCK = 4_201_001  # advisory lock: one set-up of a server at a time


def roles() -> list[str]:
    """The login roles: the migration role, then one for each service."""
    return [MIGRATOR, *(service.name for service in all_services())]


async def prepare_database(admin_url: str, passwords: Mapping[str, str], database: str = DATABASE) -> None:
    """Brings a server's database up to date; does nothing to what is already right. `admin_url`: a superuser's."""
    admin = await asyncpg.connect(at_database(admin_url, "postgres"))
    try:
        await admin.execute("SELECT pg_advisory_lock($1)", LOCK)
        for role in roles():
            await _ensure_role(admin, role, passwords[role])
        await _ensure_database(admin, database)
        await _run_files(at_database(admin_url, database), database)
        names = [service.name for service in all_services()]
        await migrate(at_database(admin_url, database), passwords[MIGRATOR], names)
        await _protect_records(at_database(admin_url, database), names)
    finally:
        await admin.close()


def at_database(url: str, database: str, *, role: str | None = None, password: str | None = None) -> str:
    """The same server's URL for another database, and for another role if one is given."""
    parts = urlsplit(url)
    if role is None:
        return urlunsplit(parts._replace(path=f"/{database}"))
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{address}", path=f"/{database}"))


async def _ensure_role(admin: asyncpg.Connection, role: str, password: str) -> None:
    known = await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    statement = await admin.fetchval(
        f"SELECT format('{verb} ROLE %I {rights} PASSWORD %L', $1::text, $2::text)", role, password
    )
    await admin.execute(statement)


async def _ensure_database(admin: asyncpg.Connection, database: str) -> None:
    """LC_CTYPE C.UTF-8 of the C library: with any other "C", trigrams of Chinese text are empty."""
    if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        await admin.execute(
            f"CREATE DATABASE {_identifier(database)} TEMPLATE template0 ENCODING 'UTF8'"
            " LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )


async def _run_files(url: str, database: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(_sql("database.sql", database=database))
            for service in all_services():
                await connection.execute(_sql("service.sql", database=database, service=service.name))
        if not await connection.fetchval("SELECT cardinality(public.show_trgm('超声')) > 0"):
            raise Told(
                Words(
                    f"数据库 {database} 不能为中文建立三元组：LC_CTYPE 不是 C.UTF-8",
                    f"database {database} finds no trigrams in Chinese text: its LC_CTYPE is not C.UTF-8",
                )
            )
    finally:
        await connection.close()


async def _protect_records(url: str, services: Sequence[str]) -> None:
    """Which migrations were applied is the migration role's to write; a service may read it."""
    connection = await asyncpg.connect(url)
    try:
        for service in services:
            if folders(service):
                table = f"{_identifier(service)}.schema_migrations"
                await connection.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {service}")
    finally:
        await connection.close()


def _sql(name: str, **names: str) -> str:
    text = (ROOT / "deploy/postgres" / name).read_text(encoding="utf-8")
    return text.format(**{key: _identifier(value) for key, value in names.items()})


def _identifier(name: str) -> str:
    """A name that needs no quotes, or ValueError: these go into statements that take no parameters."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} cannot be a name in the database")
    return name

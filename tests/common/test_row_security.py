"""The second wall: whatever a query forgets to ask for, a caller is shown and may write only what is theirs."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from common.database import Database
from common.ids import new_id
from common.repeats import Remembered, RepeatableRequest
from common.scope import Scope
from deploy.services import all_services
from deploy.tables import OPEN_TABLES
from tests.common.test_transaction import fact
from tests.conftest import Servers

NAMES = [service.name for service in all_services()]
_TABLES = """
SELECT relname, relrowsecurity AND relforcerowsecurity AS closed
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = $1 AND relkind IN ('r', 'p') AND NOT relispartition
"""
_ANYBODYS = """
SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = $1 AND prosecdef
UNION ALL
SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = $1 AND relkind IN ('v', 'm') AND NOT coalesce(reloptions @> '{security_invoker=true}', false)
"""
_SEEN = "SELECT organisation_id FROM subscriber WHERE organisation_id = ANY($1)"
_SETTINGS = "SELECT concat(current_setting('alliance.account', true), current_setting('alliance.organisations', true))"


def scope(*organisation_ids: UUID, account_id: UUID | None = None) -> Scope:
    return Scope.of_caller(account_id or new_id(), organisation_ids, secretariat=False)


@pytest_asyncio.fixture
async def database(servers: Servers) -> AsyncIterator[Database]:
    """With one connection for callers, so that each gets the one of the caller before."""
    opened = await Database.connect(servers.url("feeds"), schema="feeds", name="test", size=1)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def both(database: Database) -> list[UUID]:
    """Two organisations with a list each; the first one is ours."""
    known = sorted([new_id(), new_id()])
    await database.execute("INSERT INTO subscriber SELECT *, 1 FROM unnest($1::uuid[])", known)
    return known


@pytest.mark.parametrize("name", NAMES)
async def test_every_table_is_closed_or_named_with_a_reason(servers: Servers, name: str) -> None:
    connection = await asyncpg.connect(servers.url("postgres"))
    try:
        tables = await connection.fetch(_TABLES, name)
        assert {row["relname"] for row in tables if not row["closed"]} <= OPEN_TABLES.keys()
        assert "idempotency_key" in {row["relname"] for row in tables if row["closed"]}
        assert [row[0] for row in await connection.fetch(_ANYBODYS, name)] == ["keep_published"]
    finally:
        await connection.close()


async def test_a_query_that_forgets_whose_rows_it_wants_gets_the_callers(database: Database, both: list[UUID]) -> None:
    ours, _ = both
    assert [row[0] for row in await database.of(scope(ours)).fetch(_SEEN, both)] == [ours]
    assert await database.of(scope(*both)).fetch_value("SELECT count(*) FROM subscriber") == 2
    assert await database.of(scope()).fetch(_SEEN, both) == []


async def test_a_change_that_forgets_whose_rows_it_means_changes_the_callers(
    database: Database, both: list[UUID]
) -> None:
    ours, theirs = both
    await database.of(scope(ours)).execute("UPDATE subscriber SET last_number = 7")
    await database.of(scope(ours)).execute("DELETE FROM subscriber WHERE organisation_id <> $1", ours)
    rows = await database.fetch("SELECT * FROM subscriber WHERE organisation_id = ANY($1)", both)
    assert {row["organisation_id"]: row["last_number"] for row in rows} == {ours: 7, theirs: 1}


async def test_a_new_row_and_its_answer_must_be_the_callers(database: Database) -> None:
    async def insert(organisation_id: UUID, answered: UUID, caller: Scope) -> None:
        request = RepeatableRequest(answered, str(new_id()), b"")
        async with database.transaction(scope=caller, request=request) as tx:
            tx.insert("subscriber (organisation_id, last_number)", "$1, $2", organisation_id, 1)
            tx.publish(fact(item=organisation_id))
            tx.answer(Remembered(201, {}, b""))

    ours, theirs, account_id = new_id(), new_id(), new_id()
    caller = scope(ours, account_id=account_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await insert(theirs, account_id, caller)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await insert(ours, new_id(), caller)
    await insert(ours, account_id, caller)
    told = await database.fetch("SELECT aggregateid FROM outbox WHERE aggregateid = ANY($1)", [ours, theirs])
    assert [row[0] for row in await database.fetch(_SEEN, [ours, theirs])] == [row[0] for row in told] == [ours]


async def test_nothing_said_means_nothing_seen(servers: Servers, database: Database, both: list[UUID]) -> None:
    async with database.callers.acquire() as connection:
        assert await connection.fetch(_SEEN, both) == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO subscriber VALUES (gen_random_uuid(), 1)")
    migrator = await asyncpg.connect(servers.url("migrator"))
    try:
        assert len(await migrator.fetch(_SEEN.replace("subscriber", "feeds.subscriber"), both)) == 2
    finally:
        await migrator.close()


@pytest.mark.parametrize("ending", ["good", "error", "broken statement", "cancelled", "timeout"])
async def test_a_pooled_connection_carries_nothing_over(database: Database, both: list[UUID], ending: str) -> None:
    async def act() -> None:
        async with database.transaction(scope=scope(*both)) as tx:
            assert len(await tx.fetch(_SEEN, both)) == 2
            if ending == "error":
                raise ValueError
            if ending == "broken statement":
                await tx.execute("SELECT 1 / 0")
            if ending == "timeout":
                await tx.execute("SET LOCAL statement_timeout = 20")
            if ending in ("cancelled", "timeout"):
                await tx.execute("SELECT pg_sleep(30)")

    expected = {
        "error": ValueError,
        "broken statement": asyncpg.DivisionByZeroError,
        "timeout": asyncpg.QueryCanceledError,
    }
    if ending == "good":
        await act()
    elif ending == "cancelled":
        task = asyncio.create_task(act())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        with pytest.raises(expected[ending]):
            await act()
    async with database.callers.acquire() as connection:
        assert not await connection.fetchval(_SETTINGS)
        assert await connection.fetch(_SEEN, both) == []


@pytest.mark.parametrize("value", ["'", "}; DROP TABLE item", "x' OR true", "\\"])
def test_nothing_but_ids_and_words_becomes_a_setting(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Scope((("account", value),))

"""The set-up of the servers: safe to repeat, and each service's role shut into its own schema."""

import asyncio
import itertools

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.local.secrets import Secrets
from deploy.services import all_services
from deploy.setup.database import at_database, prepare_database, roles
from deploy.setup.topics import prepare_topics, wanted_topics
from tests.conftest import Servers

NAMES = [service.name for service in all_services()]
REFUSED = asyncpg.InsufficientPrivilegeError


async def _objects(url: str) -> list[tuple[str, ...]]:
    """Every relation, function, grant and role there is, and each migration with it."""
    connection = await asyncpg.connect(url)
    queries = (
        "SELECT nspname, relname, coalesce(relacl::text, '') FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace",
        "SELECT nspname, proname, coalesce(proacl::text, '') FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace",
        "SELECT defaclrole::regrole::text, defaclnamespace::text, defaclacl::text FROM pg_default_acl",
        "SELECT rolname, rolsuper::text, coalesce(rolconfig::text, '') FROM pg_roles",
        *(f"SELECT '{name}', version, '' FROM {name}.schema_migrations" for name in NAMES),
    )
    try:
        found = [await connection.fetch(query) for query in queries]
        return sorted(tuple(map(str, row)) for rows in found for row in rows)
    finally:
        await connection.close()


async def test_a_second_set_up_of_the_database_changes_nothing(servers: Servers) -> None:
    passwords = {role: Secrets(servers.state).password(role) for role in roles()}
    before = await _objects(servers.url("postgres"))
    await prepare_database(servers.url("postgres"), passwords)
    assert await _objects(servers.url("postgres")) == before


async def test_two_set_ups_at_once_do_not_disturb_each_other(servers: Servers) -> None:
    passwords = {role: Secrets(servers.state).password(role) for role in roles()}
    url = servers.url("postgres")
    try:
        await asyncio.gather(*(prepare_database(url, passwords, database="set_up_twice") for _ in range(2)))
        assert len(await _objects(at_database(url, "set_up_twice"))) == len(await _objects(url))
    finally:
        connection = await asyncpg.connect(url)
        await connection.execute("DROP DATABASE IF EXISTS set_up_twice")
        await connection.close()


@pytest.mark.parametrize(("name", "other"), list(itertools.permutations(NAMES, 2)))
async def test_a_service_cannot_reach_another_ones_schema(servers: Servers, name: str, other: str) -> None:
    connection = await asyncpg.connect(servers.url(name))
    try:
        for statement in (
            f"SELECT * FROM {other}.schema_migrations",
            f"SELECT * FROM {other}.inbox",
            f"INSERT INTO {other}.inbox (event_id) VALUES (gen_random_uuid())",
            f"DELETE FROM {other}.inbox",
            f"CREATE TABLE {other}.mine (id int)",
            f"SELECT {other}.keep_published(7)",
        ):
            with pytest.raises(REFUSED):
                await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_reads_and_writes_its_own_tables_but_creates_and_changes_none(
    servers: Servers, name: str
) -> None:
    connection = await asyncpg.connect(servers.url(name))
    try:
        async with connection.transaction():
            await connection.execute("INSERT INTO inbox (event_id) VALUES (gen_random_uuid())")
            assert await connection.fetchval("DELETE FROM inbox RETURNING true")
        for statement in (
            "CREATE TABLE mine (id int)",
            "CREATE TABLE public.mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "ALTER TABLE inbox ADD COLUMN mine int",
            "TRUNCATE inbox",
            "DROP TABLE inbox",
            "UPDATE schema_migrations SET version = '0'",
            "CREATE ROLE mine",
            "SET ROLE migrator",
            "SELECT * FROM pg_authid",
            "COPY inbox TO '/tmp/mine'",
        ):
            with pytest.raises(REFUSED):
                await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("database", ["postgres", "template1"])
async def test_a_service_cannot_connect_to_another_database(servers: Servers, name: str, database: str) -> None:
    with pytest.raises(REFUSED):
        await asyncpg.connect(at_database(servers.url(name), database))


async def test_trigrams_of_chinese_text_are_found_by_a_service(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.url("project_matching"))
    try:
        assert await connection.fetchval("SELECT cardinality(show_trgm('超声')) > 0")
    finally:
        await connection.close()


async def test_topics_are_as_the_file_says_also_after_a_second_set_up(servers: Servers) -> None:
    await prepare_topics(servers.broker.bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.broker.bootstrap)
    await admin.start()
    try:
        wanted = wanted_topics()
        described = await admin.describe_topics([topic.name for topic in wanted])
        partitions = {row["topic"]: len(row["partitions"]) for row in described}
        assert partitions == {topic.name: topic.partitions for topic in wanted}
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in wanted]
        for answer in await admin.describe_configs(resources):
            for _code, _message, _kind, name, entries in answer.resources:
                values = {entry[0]: entry[1] for entry in entries}
                config = next(topic.config for topic in wanted if topic.name == name)
                assert config.items() <= values.items()
    finally:
        await admin.close()

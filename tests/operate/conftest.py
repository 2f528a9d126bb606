"""Servers of their own: here logs are lost, topics emptied and databases put back."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient

from common.database import Database
from common.kafka import text_headers
from common.reading import reading
from common.testing import until
from common.topic_bounds import ends_of
from deploy.operate.place import Place
from deploy.services import ROOT
from deploy.setup.topics import prepare_topics
from tests.conftest import Servers, started


@pytest.fixture(scope="package")
def servers() -> Iterator[Servers]:
    with started(ROOT / ".local" / "test" / f"{os.getpid()}-operate", fsync=False) as servers:
        yield servers


@pytest.fixture(scope="package")
def place(servers: Servers) -> Place:
    return Place(servers.url("postgres"), servers.broker.bootstrap)


@pytest_asyncio.fixture
async def source(servers: Servers) -> AsyncIterator[Database]:
    """The publishing side: project matching's schema."""
    database = await Database.connect(servers.url("project_matching"), schema="project_matching", name="test source")
    yield database
    await database.close()


@pytest_asyncio.fixture
async def target(servers: Servers) -> AsyncIterator[Database]:
    """The reading side: feeds' schema."""
    database = await Database.connect(servers.url("feeds"), schema="feeds", name="test target")
    yield database
    await database.close()


async def lose_the_log(servers: Servers) -> None:
    """Kill the broker and start it with an empty log, topics made anew."""
    servers.broker.kill()
    shutil.rmtree(servers.broker.data)
    (servers.broker.home / "formatted").unlink()
    await asyncio.to_thread(servers.broker.start)
    await prepare_topics(servers.broker.bootstrap)


async def make_the_topic_anew(servers: Servers) -> None:
    """Project matching's topic, deleted and made again behind the back of everybody who is connected."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.broker.bootstrap)
    await admin.start()
    await admin.delete_topics(["project_matching"])
    await admin.close()

    async def is_there_and_empty() -> bool:
        await prepare_topics(servers.broker.bootstrap)
        return not any((await ends_of(servers.broker.bootstrap, "project_matching")).values())

    await until(is_there_and_empty, timeout=60)


async def sent_versions(servers: Servers, *aggregates: object) -> dict[str, list[int]]:
    """The versions of these aggregates in project matching's topic in their order; a repetition counts once."""
    found: dict[str, list[int]] = {str(each): [] for each in aggregates}
    async with reading(servers.broker.bootstrap, "project_matching") as topic:
        async for batch in topic.to_the_end():
            for headers in map(text_headers, batch):
                if headers["ce_subject"] in found:
                    found[headers["ce_subject"]].append(int(headers["ce_aggregateversion"]))
    return {key: list(dict.fromkeys(versions)) for key, versions in found.items()}

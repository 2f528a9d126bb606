"""What the tests of the mechanism share: two databases, a small service, a client of it."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from common.database import Database
from common.service import Service
from common.testing import People, opened
from common.vocabulary import Office
from tests.common.notes import router
from tests.conftest import Connect, Servers


@pytest.fixture(scope="module")
def tested() -> str:
    """In whose name the mechanism is tried."""
    return "feeds"


@pytest_asyncio.fixture
async def source(database_of: Connect) -> Database:
    return await database_of("project_matching")


@pytest_asyncio.fixture
async def target(database_of: Connect) -> Database:
    return await database_of("feeds")


@pytest_asyncio.fixture(scope="module")
async def client(servers: Servers) -> AsyncIterator[httpx.AsyncClient]:
    service = Service(name="feeds", title="Notes", routers=[router], follows_access=False)
    async with opened(service.app(servers.settings("feeds", rate_limit=100_000))) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def editor(people: People) -> dict[str, str]:
    return await people.account(await people.organisation(), Office.editor)

"""Real servers for every test: one PostgreSQL and one Kafka a run, with the product's roles, schemas and topics."""

import asyncio
import logging
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
import structlog
from xdist.scheduler import LoadScopeScheduling

from common.database import Database
from common.kafka import start_producer, stop
from common.serving import load
from common.settings import Settings
from common.testing import People, opened
from deploy.local import processes
from deploy.local.kafka import Broker
from deploy.local.postgres import Postgres
from deploy.local.secrets import Secrets
from deploy.services import ROOT
from deploy.setup.database import prepare_database, roles
from deploy.setup.topics import prepare_topics

# Without this structlog draws every traceback with the values of all variables, a minute for one deep in a framework.
# What went well is left out: among thousands of lines of requests a report of a failure would be lost.
structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, colors=False)],
    wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
)


class FolderByFolder(LoadScopeScheduling):  # type: ignore[misc]  # the library has no types
    """Tests side by side: each folder is one process's, which has servers of its own."""

    def _split_scope(self, nodeid: str) -> str:
        return "/".join(nodeid.split("/")[:2])


_FIRST = ("faults", "journeys", "portal", "operate")
"""Folders with which a run begins: the longest, so that no process is left alone with one at the end, and the
journeys, which are to find little that other tests have left waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        return _FIRST.index(folder) if folder in _FIRST else len(_FIRST)

    items.sort(key=rank)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return FolderByFolder(config, log)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Servers:
    """The servers of this run and how a service's process is told about them."""

    state: Path
    postgres: Postgres
    broker: Broker

    def url(self, role: str) -> str:
        return self.postgres.url(role)

    def settings(self, service: str, *, instance: int = 0, port: int = 0, **more: object) -> Settings:
        return Settings.model_validate(
            {
                "service": service,
                "instance": instance,
                "port": port,
                "database_url": self.url(service),
                "kafka": self.broker.bootstrap,
                "key_secret": Secrets(self.state).key_secret(),
                "first_secretariat": Secrets(self.state).first_secretariat(),
                **more,
            }
        )


@contextmanager
def started(state: Path, *, fsync: bool, settings: Mapping[str, str] | None = None) -> Iterator[Servers]:
    """Servers of their own in this folder, with roles, schemas and topics; removed at the end."""
    shutil.rmtree(state, ignore_errors=True)
    servers = Servers(
        state,
        Postgres(state, free_port(), fsync=fsync, settings=settings),
        Broker(state, free_port(), controller_port=free_port()),
    )
    try:
        servers.postgres.start()
        servers.broker.start()
        passwords = {role: Secrets(state).password(role) for role in roles()}
        asyncio.run(prepare_database(servers.url("postgres"), passwords))
        asyncio.run(prepare_topics(servers.broker.bootstrap))
        yield servers
    finally:
        servers.broker.kill()
        servers.postgres.stop()
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Started for this run alone, beside a running `make run`."""
    _end_what_killed_runs_left()
    with started(ROOT / ".local" / "test" / str(os.getpid()), fsync=False) as servers:
        yield servers


def _end_what_killed_runs_left() -> None:
    """Each run keeps its state under its own process id."""
    for state in (ROOT / ".local" / "test").glob("[0-9]*"):
        pid = state.name.partition("-")[0]
        if pid.isdecimal() and len(pid) < 8 and not psutil.pid_exists(int(pid)):
            for left in processes.started(state).values():
                processes.end(left)
            shutil.rmtree(state, ignore_errors=True)


Connect = Callable[[str], Awaitable[Database]]


@pytest_asyncio.fixture(scope="session")
async def database_of(servers: Servers) -> AsyncIterator[Connect]:
    """A service's own database, as its process sees it: `database = await database_of("feeds")`."""
    async with AsyncExitStack() as closing:
        known: dict[str, Database] = {}

        async def connect(service: str) -> Database:
            if service not in known:
                known[service] = await Database.connect(servers.url(service), schema=service, name=f"test {service}")
                closing.push_async_callback(known[service].close)
            return known[service]

        yield connect


@pytest.fixture(scope="module")
def tested(request: pytest.FixtureRequest) -> str:
    """The service that the tests of this folder are about."""
    return request.path.relative_to(ROOT / "tests").parts[0]


@pytest_asyncio.fixture(scope="module")
async def database(database_of: Connect, tested: str) -> Database:
    """The tested service's own database."""
    return await database_of(tested)


@pytest_asyncio.fixture(scope="module")
async def people(database: Database) -> People:
    """Accounts in the tested service's copy of rights."""
    return People(database)


@pytest_asyncio.fixture(scope="module")
async def client(servers: Servers, tested: str) -> AsyncIterator[httpx.AsyncClient]:
    """The tested service, up for one module: it serves, consumes and relays."""
    async with opened(load(tested).app(servers.settings(tested, rate_limit=100_000))) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def producer(servers: Servers) -> AsyncIterator[Any]:
    """Writes to the topics as the services' relays do: `await send(producer, event)`."""
    started = await start_producer(servers.broker.bootstrap, "test")
    yield started
    await stop(started)

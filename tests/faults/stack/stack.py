"""Everything that runs: PostgreSQL, Kafka, two workers of each service, and the proxies between them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from common.testing import until
from deploy.local import processes
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.secrets import Secrets
from deploy.services import ROOT, all_services
from deploy.setup.database import prepare_database, roles
from deploy.setup.topics import prepare_topics
from tests.faults.stack.broker import Broker
from tests.faults.stack.proxy import Proxy
from tests.faults.stack.worker import Worker

SERVICES = ("member_registry", "project_matching", "feeds")
WORKERS = 2


@dataclass
class Stack:
    """The running system and the handles a fault takes hold of."""

    state: Path
    postgres: Postgres
    broker: Broker
    workers: list[Worker]

    def of(self, service: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.service.name == service]

    @property
    def admin_url(self) -> str:
        """PostgreSQL as its superuser, past every proxy."""
        return self.postgres.url()

    def proxies(self) -> list[Proxy]:
        return [proxy for worker in self.workers for proxy in (worker.postgres, worker.kafka)]

    async def ready(self, timeout: float = 60) -> None:
        """Return when every worker says that it can do its work."""

        async def all_ready() -> bool:
            return all(await asyncio.gather(*(worker.ready() for worker in self.workers)))

        await until(all_ready, timeout=timeout, every=0.3)


def workers_of(state: Path, patches: Mapping[str, Sequence[str]]) -> list[Worker]:
    """Two processes of each service; the proxies' targets are set once the servers' ports are known."""
    return [
        Worker(
            service=service,
            instance=instance,
            port=free_port(),
            state=state,
            postgres=Proxy(free_port(), 0),
            kafka=Proxy(free_port(), free_port()),
            patches=patches.get(service.name, ()),
        )
        for service in all_services()
        if service.name in SERVICES
        for instance in range(WORKERS)
    ]


def _broker(state: Path, workers: Sequence[Worker]) -> Broker:
    ways = {w.name.upper().replace("-", "_"): (w.kafka.target, w.kafka.port) for w in workers}
    return Broker(state, free_port(), controller_port=free_port(), ways=ways)


@asynccontextmanager
async def running(
    name: str,
    *,
    patches: Mapping[str, Sequence[str]] | None = None,
    settings: Mapping[str, str] | None = None,
    sql: str = "",
) -> AsyncIterator[Stack]:
    """A stack in a folder of its own, of which only logs stay; `patches` by service, `settings` of PostgreSQL."""
    state = ROOT / ".local" / "faults" / name
    _remove(state)
    workers = workers_of(state, patches or {})
    postgres = Postgres(state, free_port(), settings=settings)
    stack = Stack(state, postgres, _broker(state, workers), workers)
    for worker in workers:
        worker.postgres.target = postgres.port
    try:
        await asyncio.gather(asyncio.to_thread(postgres.start), asyncio.to_thread(stack.broker.start))
        await prepare(stack)
        await execute(stack, sql)
        for proxy in stack.proxies():
            await proxy.start()
        for worker in workers:
            worker.start()
            worker.keep()
        await stack.ready()
        yield stack
    finally:
        await asyncio.gather(*(worker.stop() for worker in workers))
        for proxy in stack.proxies():
            await proxy.stop()
        await asyncio.to_thread(stack.broker.kill)
        await asyncio.to_thread(postgres.stop)
        _remove(state, "postgres", "kafka")


async def prepare(stack: Stack, database: str = "alliance") -> None:
    """Roles, schemas and topics."""
    passwords = {role: Secrets(stack.state).password(role) for role in roles()}
    await prepare_database(stack.admin_url, passwords, database)
    await prepare_topics(stack.broker.bootstrap)


async def execute(stack: Stack, sql: str) -> None:
    """Statements of the superuser."""
    connection = await asyncpg.connect(stack.admin_url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _remove(state: Path, *parts: str) -> None:
    """These folders of a state folder, or all of it; PostgreSQL's may lie elsewhere, behind a link."""
    for left in processes.started(state).values():
        processes.end(left)
    shutil.rmtree((state / "postgres").resolve(), ignore_errors=True)
    for place in [state / part for part in parts] or [state]:
        if place.is_symlink():
            place.unlink()
        shutil.rmtree(place, ignore_errors=True)

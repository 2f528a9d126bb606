"""Everything that runs: PostgreSQL, Kafka, two hosts with a worker of each service, the proxies between them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from common.kafka import committed_offsets
from common.kafka_faults import FAULTS
from common.testing import until
from deploy.local import processes
from deploy.local.postgres import Postgres
from deploy.local.secrets import Secrets
from deploy.services import ROOT, all_services
from deploy.setup.database import prepare_database, roles
from deploy.setup.topics import prepare_topics
from tests.faults.report import say
from tests.faults.stack.broker import Broker
from tests.faults.stack.host import Host
from tests.faults.stack.ports import own_port
from tests.faults.stack.proxy import Proxy
from tests.faults.stack.small_disk import mount, unmount
from tests.faults.stack.worker import Worker

WORKERS = {"member_registry": 2, "project_matching": 2, "feeds": 2}
"""Processes of each service that is loaded and struck: a choice, whose order every plan is drawn from."""
PATIENCE = 180.0
"""Seconds that a start may take on a machine with much else to do."""


@dataclass
class Stack:
    """The running system and the handles a fault takes hold of."""

    state: Path
    postgres: Postgres
    broker: Broker
    hosts: list[Host]
    small_disks: bool = False

    @property
    def workers(self) -> list[Worker]:
        """Those of every host."""
        return [worker for host in self.hosts for worker in host.workers]

    def worker(self, name: str) -> Worker:
        """The worker of this name."""
        (found,) = [worker for worker in self.workers if worker.name == name]
        return found

    def host_of(self, worker: Worker) -> Host:
        """Whose supervisor keeps it."""
        (found,) = [host for host in self.hosts if worker in host.workers]
        return found

    def of(self, service: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.service.name == service]

    @property
    def admin_url(self) -> str:
        """PostgreSQL as its superuser, past every proxy."""
        return self.postgres.url()

    def proxies(self) -> list[Proxy]:
        return [proxy for worker in self.workers for proxy in (worker.postgres, worker.kafka)]

    async def tended(self, patience: float = 45) -> None:
        """What an operator does by docs/operations.md: a broker that does not coordinate groups is started again."""
        try:
            await until(self._coordinates, timeout=patience, every=1)
        except AssertionError:
            say("the broker does not coordinate groups: it is started again")
            await asyncio.to_thread(self.broker.kill)
            await asyncio.to_thread(self.broker.start, PATIENCE)
            await until(self._coordinates, timeout=patience, every=1)

    async def _coordinates(self) -> bool:
        try:
            for service in WORKERS:
                await committed_offsets(self.broker.bootstrap, service)
        except FAULTS:
            return False
        return True

    async def ready(self, timeout: float = PATIENCE) -> None:
        """Return when every worker says that it can do its work, and every supervisor has had its workers up."""

        lacking: list[str] = []

        async def all_ready() -> bool:
            lacking[:] = filter(None, await asyncio.gather(*(worker.lacks() for worker in self.workers)))
            lacking.extend(f"the supervisor of {host.name}" for host in self.hosts if not host.settled())
            return not lacking

        try:
            await until(all_ready, timeout=timeout, every=0.3)
        except AssertionError:
            raise AssertionError(f"not ready within {timeout} s: {'; '.join(lacking)}") from None


def hosts_of(state: Path, count: Mapping[str, int], patches: Mapping[str, Sequence[str]]) -> list[Host]:
    """The first worker of each service on one host, the second on another; the servers' ports are not known yet."""
    hosts = []
    for instance in range(max(count.values())):
        folder = state / f"run/host-{instance}"
        workers = [
            Worker(
                service=service,
                instance=instance,
                port=own_port(),
                folder=folder,
                postgres=Proxy(own_port(), 0),
                kafka=Proxy(own_port(), own_port()),
                patches=patches.get(service.name, ()),
            )
            for service in all_services()
            if instance < count.get(service.name, 0)
        ]
        hosts.append(Host(f"host-{instance}", state, folder, workers))
    return hosts


def broker_of(state: Path, workers: Sequence[Worker]) -> Broker:
    """With a way of its own for each of these workers."""
    ways = {w.name.upper().replace("-", "_"): (w.kafka.target, w.kafka.port) for w in workers}
    return Broker(state, own_port(), controller_port=own_port(), ways=ways)


@asynccontextmanager
async def running(
    name: str,
    *,
    count: Mapping[str, int] = WORKERS,
    patches: Mapping[str, Sequence[str]] | None = None,
    sql: str = "",
    small_disks: bool = False,
) -> AsyncIterator[Stack]:
    """A stack in a folder of its own, of which only logs stay; `patches` by service, `sql` before the services start.

    With `small_disks` both servers keep their files on file systems that can be filled, if this account may mount.
    """
    state = ROOT / ".local" / "faults" / name
    _remove(state)
    hosts = hosts_of(state, count, patches or {})
    workers = [worker for host in hosts for worker in host.workers]
    postgres = Postgres(state, own_port())
    stack = Stack(state, postgres, broker_of(state, workers), hosts)
    postgres.files.place()
    stack.small_disks = small_disks and mount(postgres.files.home) and mount(stack.broker.home)
    for worker in workers:
        worker.postgres.target = postgres.port
    try:
        await asyncio.gather(
            asyncio.to_thread(postgres.start, PATIENCE), asyncio.to_thread(stack.broker.start, PATIENCE)
        )
        await prepare(stack)
        if sql:
            await execute(stack, sql)
        for proxy in stack.proxies():
            await proxy.start()
        for host in hosts:
            host.start()
        await stack.ready()
        yield stack
    finally:
        await end(stack)


async def end(stack: Stack) -> None:
    """Services, network, servers; their data is removed."""
    await asyncio.gather(*(host.stop() for host in stack.hosts))
    for proxy in stack.proxies():
        await proxy.stop()
    await asyncio.to_thread(stack.broker.kill)
    await asyncio.to_thread(stack.postgres.stop)
    _remove(stack.state, "postgres", "kafka")


async def prepare(stack: Stack) -> None:
    """Roles, schemas and topics."""
    passwords = {role: Secrets(stack.state).password(role) for role in roles()}
    await prepare_database(stack.admin_url, passwords)
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
    for home in ((state / "postgres").resolve(), state / "kafka"):
        unmount(home)
        shutil.rmtree(home, ignore_errors=True)
    for place in [state / part for part in parts] or [state]:
        if place.is_symlink():
            place.unlink()
        shutil.rmtree(place, ignore_errors=True)

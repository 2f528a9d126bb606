"""The matching chain as processes: a hospital posts, the secretariat publishes, an enterprise listens."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import orjson
import psutil

from common.ids import new_id
from common.testing import People, until
from common.vocabulary import MemberKind, Office
from project_matching.api.bodies import EXAMPLE
from tests.bench import needs
from tests.bench.stage import Stage
from tests.conftest import free_port

NEEDS = "/api/project_matching/v1/needs"
WORD = "zygomorphic"
"""No made-up profile says it: the listener is told of these needs and of nothing else."""
SAYS = {
    "problem": {"en": "make the detachable coil happen sooner"},
    "population": {"en": "people on night shift"},
    "outcome": {"en": "fewer hours lost"},
    "workflow_step": {"en": "night shift"},
}
"""A few in a thousand of the made-up profiles answer this, as of the demonstration's answer one of its needs."""


@dataclass
class Alliance:
    """The running services and the three who use them; a client keeps its connection."""

    processes: dict[str, psutil.Process]
    matching: httpx.AsyncClient
    feeds: httpx.AsyncClient
    hospital: dict[str, str]
    secretariat: dict[str, str]
    enterprise: dict[str, str]
    heard: dict[UUID, float] = field(default_factory=dict)

    async def submitted(self) -> UUID:
        """A need that waits to be published."""
        body = {**EXAMPLE, **SAYS, "title": {"en": f"{WORD} {new_id()}"}}
        need_id = UUID((await self._post(NEEDS, self.hospital, body)).json()["id"])
        await self._post(f"{NEEDS}/{need_id}/submit", self.hospital)
        return need_id

    async def publish(self, need_id: UUID) -> UUID:
        await self._post(f"{NEEDS}/{need_id}/publish", self.secretariat)
        return need_id

    async def _post(self, path: str, headers: dict[str, str], body: object = None) -> httpx.Response:
        key = {"idempotency-key": str(new_id())}
        answer = await self.matching.post(path, headers=headers | key, json={} if body is None else body)
        assert answer.is_success, answer.text
        return answer

    async def heard_of(self, need_id: UUID, timeout: float = 30) -> float:
        """When the listener heard of this need."""

        async def there() -> bool:
            return need_id in self.heard

        await until(there, timeout=timeout, every=0.001)
        return self.heard[need_id]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """The enterprise subscribes to the word and listens to its stream."""
        subscription = {"name": {"en": "bench"}, "words_all": [WORD]}
        await self._post("/api/project_matching/v1/subscriptions", self.enterprise, subscription)
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self) -> None:
        async with self.feeds.stream("GET", "/api/feeds/v1/stream", headers=self.enterprise) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    item = orjson.loads(line[6:])
                    self.heard.setdefault(UUID(item["subject"]["id"]), time.perf_counter())

    def memory(self) -> str:
        """Resident memory of each process."""
        sizes = {name: process.memory_info().rss / 2**20 for name, process in self.processes.items()}
        return ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items())


@asynccontextmanager
async def opened(stage: Stage, *, workers: int) -> AsyncIterator[Alliance]:
    """Feeds and so many matching workers, ready; the people have been there before, as the picture loads them."""
    hospital, secretariat, enterprise = await _people(stage)
    async with AsyncExitStack() as closing:
        ports: dict[str, int] = {}
        processes: dict[str, psutil.Process] = {}
        for service, instance in [*(("project_matching", number) for number in range(workers)), ("feeds", 0)]:
            name = f"{service}-{instance}"
            settings = stage.servers.settings(service, instance=instance, port=free_port(), rate_limit=1_000_000)
            ports[name] = settings.port
            started = await closing.enter_async_context(
                stage.process("-m", "common.serving", service, settings=settings)
            )
            processes[name] = psutil.Process(started.pid)
        clients = {}
        for name, port in ports.items():
            client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60)
            clients[name] = await closing.enter_async_context(client)
            await until(lambda client=client: _ready(client), timeout=300, every=0.2)  # type: ignore[misc]
        matching, feeds = clients["project_matching-0"], clients["feeds-0"]
        yield Alliance(processes, matching, feeds, hospital, secretariat, enterprise)


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def _people(stage: Stage) -> list[dict[str, str]]:
    """Headers of a hospital, the secretariat and an enterprise, good at both services."""
    matching = People(await stage.database("project_matching", 2))
    organisation, enterprise = new_id(), new_id()
    for known, kind in ((organisation, MemberKind.hospital), (enterprise, MemberKind.enterprise)):
        await needs.hospital(matching.database, known, kind)
    accounts = [new_id() for _ in range(3)]
    tokens = [await matching.token(account) for account in accounts]
    feeds = People(await stage.database("feeds", 2), key=matching.key)
    await feeds.token(accounts[0])
    for people in (matching, feeds):
        database = people.database
        for organisation_id, kind in ((organisation, MemberKind.hospital), (enterprise, MemberKind.enterprise)):
            await database.execute("INSERT INTO access_organisation VALUES ($1, $2, 'active')", organisation_id, kind)
        for account, secretariat in zip(accounts, (False, True, False), strict=True):
            sql = "INSERT INTO access_account VALUES ($1, true, $2, now() - interval '1 day')"
            await database.execute(sql, account, secretariat)
        for account, organisation_id in ((accounts[0], organisation), (accounts[2], enterprise)):
            sql = "INSERT INTO access_affiliation VALUES ($1, $2, $3, $4, now() - interval '1 day', NULL)"
            await database.execute(sql, new_id(), account, organisation_id, Office.representative)
    return [{"authorization": f"Bearer {token}"} for token in tokens]

"""Two real processes of the service, and everything that happens to them at once."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from aiokafka.admin import AIOKafkaAdminClient

from common.clock import utc_now
from common.database import Database
from common.events import Event, decode
from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged, OrganisationFacts
from common.ids import new_id
from common.kafka import committed_offsets, start_reader, stop
from common.testing import People, send, until
from common.vocabulary import MemberKind, MemberState
from deploy.services import ROOT
from tests.conftest import Servers, free_port
from tests.project_matching.conftest import COMPLETE, PREFIX

NEEDS, ENTERPRISES, SUBSCRIPTIONS = 40, 40, 30
WORDS = (
    "aneurysm neck coil",
    "thrombectomy of a distal clot",
    "stenosis of an intracranial artery",
    "fistula embolisation",
    "chronic subdural haematoma",
    "guiding catheter for tortuous access",
    "segmentation of angiography images",
    "robot for remote catheter control",
    "动脉瘤瘤颈弹簧圈",
    "远端血栓取栓支架",
    "颅内动脉狭窄球囊",
    "慢性硬膜下血肿引流",
)
SPECIALTIES = ("aneurysm", "ais_thrombectomy", "icas", "avm_davf", "csdh", "access", "imaging_ai", "robots")


def text(chance: random.Random) -> dict[str, str]:
    words = " ".join(chance.sample(WORDS, 2))
    return {"zh" if any(letter >= "\u4e00" for letter in words) else "en": words}


def enterprise(chance: random.Random, **more: Any) -> OrganisationFacts:
    return OrganisationFacts.model_validate(
        {
            "name": {"en": f"Works {chance.random()}"},
            "kind": chance.choice(["enterprise", "enterprise", "institute", "hospital", "partner"]),
            "record": "member",
            "state": "active",
            "items": [{"title": text(chance)} for _ in range(2)],
            "specialties": chance.sample(SPECIALTIES, 2),
            **more,
        }
    )


@dataclass
class Worker:
    """One process of the service."""

    client: httpx.AsyncClient

    async def ready(self) -> bool:
        try:
            return (await self.client.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False

    async def matched(self) -> int:
        """How many questions its engine has answered."""
        lines = (await self.client.get("/metrics")).text.splitlines()
        return int(float(next(line for line in lines if line.startswith("alliance_match_seconds_count")).split()[1]))


@asynccontextmanager
async def worker(servers: Servers, instance: int) -> AsyncIterator[Worker]:
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / name) for name in ("services", "libs")),
        "ALLIANCE_SERVICE": "project_matching",
        "ALLIANCE_INSTANCE": str(instance),
        "ALLIANCE_PORT": str(port),
        "ALLIANCE_DATABASE_URL": servers.url("project_matching"),
        "ALLIANCE_KAFKA": servers.broker.bootstrap,
        "ALLIANCE_RATE_LIMIT": "100000",
    }
    with (servers.state / f"worker-{instance}.log").open("wb") as log:
        command = [sys.executable, "-m", "common.serving", "project_matching"]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
                started = Worker(client)
                await until(started.ready, timeout=60, every=0.2)
                yield started
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), 20)


@dataclass
class World:
    """What was made in this test, as its makers know it."""

    servers: Servers
    database: Database
    producer: Any
    people: People
    workers: Sequence[Worker]
    chance: random.Random = field(default_factory=lambda: random.Random(20))
    secretariat: dict[str, str] = field(default_factory=dict)
    profiles: dict[UUID, list[OrganisationFacts]] = field(default_factory=dict)
    withdrawn: set[UUID] = field(default_factory=set)

    async def post(self, who: dict[str, str], path: str, body: Any = None) -> dict[str, Any]:
        """To either worker."""
        client = self.chance.choice(list(self.workers)).client
        answer = await client.post(PREFIX + path, headers={**who, "idempotency-key": str(new_id())}, json=body)
        assert answer.is_success, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def admit(self, facts: OrganisationFacts, organisation_id: UUID | None = None) -> UUID:
        event = MemberAdmitted(version=1, at=utc_now(), organisation_id=organisation_id or new_id(), organisation=facts)
        self.profiles[event.organisation_id] = [facts]
        await send(self.producer, event)
        return event.organisation_id

    async def known(self, organisations: Sequence[UUID]) -> None:
        async def here() -> bool:
            sql = "SELECT count(*) FROM profile WHERE organisation_id = ANY($1)"
            return bool(await self.database.fetch_value(sql, list(organisations)) == len(organisations))

        await until(here, timeout=60)

    async def publish_need(self, author: dict[str, str], blocked: Sequence[UUID]) -> None:
        body = {
            **COMPLETE,
            "title": text(self.chance),
            "problem": text(self.chance),
            "specialty": self.chance.choice(SPECIALTIES),
            "wanted": self.chance.sample(["enterprise", "institute", "hospital", "partner"], 2),
            "disclosure": self.chance.choice(["summary", "summary", "title"]),
            "blocked_organisations": [str(organisation) for organisation in self.chance.sample(list(blocked), 3)],
        }
        need = await self.post(author, "/needs", body)
        await self.post(author, f"/needs/{need['id']}/submit")
        await self.post(self.secretariat, f"/needs/{need['id']}/publish")
        if self.chance.random() < 0.1:
            self.withdrawn.add(UUID(need["id"]))
            await self.post(author, f"/needs/{need['id']}/withdraw", {})

    async def subscribe(self, subscriber: dict[str, str]) -> None:
        conditions: dict[str, Any] = {
            "specialties": self.chance.sample(SPECIALTIES, 3),
            "words_any": [self.chance.choice(WORDS).split()[0], self.chance.choice(WORDS)],
            "wanted": ["enterprise"],
        }
        kept = {name: conditions[name] for name in self.chance.sample(list(conditions), self.chance.randint(1, 2))}
        await self.post(subscriber, "/subscriptions", {"name": {"en": "What we look for"}, **kept})

    async def settled(self) -> None:
        """Every event is out and was dealt with; the accounts of the suggestions are not waited for."""

        async def quiet() -> bool:
            if await self.database.fetch_value("SELECT EXISTS (SELECT FROM outbox)"):
                return False
            return await behind(self.servers.broker.bootstrap) == 0

        for _ in range(2):
            await until(quiet, timeout=120, every=0.3)

    async def published(self, event_class: type[Event]) -> list[Any]:
        rows = await self.database.fetch("SELECT payload FROM published WHERE type = $1", event_class.type)
        return [decode(event_class, row["payload"].encode()) for row in rows]


async def behind(bootstrap: str) -> int:
    """Records of both topics that the group has not dealt with."""
    reader = await start_reader(bootstrap, "test")
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        committed = await committed_offsets(bootstrap, "project_matching")
        ends = await reader.end_offsets(list(committed))
        return sum(ends[partition] - offset for partition, offset in committed.items())
    finally:
        await admin.close()
        await stop(reader)


@asynccontextmanager
async def two_workers(servers: Servers, database: Database, people: People, producer: Any) -> AsyncIterator[World]:
    secretariat = await people.account(secretariat=True)
    async with worker(servers, 0) as first, worker(servers, 1) as second:
        yield World(servers, database, producer, people, (first, second), secretariat=secretariat)


async def everything_at_once(world: World) -> None:
    """Needs, profiles, changed profiles, standings and subscriptions, from all sides at the same time."""
    hospitals = [await world.admit(enterprise(world.chance, kind=MemberKind.hospital)) for _ in range(5)]
    firms = [await world.admit(enterprise(world.chance, kind=MemberKind.enterprise)) for _ in range(5)]
    await world.known([*hospitals, *firms])
    coming = [new_id() for _ in range(ENTERPRISES)]
    async with asyncio.TaskGroup() as group:
        for start in range(4):
            group.create_task(admissions(world, coming[start::4]))
        for hospital in hospitals:
            group.create_task(needs_of(world, await world.people.account(hospital), coming))
        for firm in firms:
            group.create_task(subscriptions_of(world, await world.people.account(firm)))


async def admissions(world: World, organisations: Sequence[UUID]) -> None:
    for organisation in organisations:
        await world.admit(enterprise(world.chance), organisation)
        if world.chance.random() < 0.3:
            await change(world, organisation)
        await asyncio.sleep(world.chance.random() / 5)


async def change(world: World, organisation: UUID) -> None:
    """Another profile, or a suspension."""
    facts = enterprise(world.chance)
    event: Event
    if world.chance.random() < 0.5:
        event = MemberProfileChanged(version=2, at=utc_now(), organisation_id=organisation, organisation=facts)
    else:
        facts = world.profiles[organisation][0].model_copy(update={"state": MemberState.suspended})
        kind, state = facts.kind, facts.state
        event = MembershipChanged(version=2, at=utc_now(), organisation_id=organisation, kind=kind, state=state)
    world.profiles[organisation].append(facts)
    await send(world.producer, event)


async def needs_of(world: World, author: dict[str, str], blocked: Sequence[UUID]) -> None:
    for _ in range(NEEDS // 5):
        await world.publish_need(author, blocked)


async def subscriptions_of(world: World, subscriber: dict[str, str]) -> None:
    for _ in range(SUBSCRIPTIONS // 5):
        await world.subscribe(subscriber)

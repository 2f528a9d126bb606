"""The member registry as its own process sees it, over real PostgreSQL and Kafka, and people who call it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from common.database import Database, Transaction
from common.ids import new_id
from common.testing import People, opened, rolled_back, until
from common.text import Bilingual
from common.vocabulary import MemberKind, Office
from member_registry.app import service
from member_registry.hashing import Hashing
from member_registry.model.application import Registration
from member_registry.model.people import NewPerson
from tests.conftest import Connect, Servers

PREFIX = "/api/member_registry/v1"
PASSWORD = "four unrelated words"

HOSPITAL: Mapping[str, Any] = {
    "name": {"zh": "示例医院（虚构）", "en": "Example Hospital (fictional)"},
    "kind": "hospital",
    "record": "demo",
    "country": "CN",
    "region": "CN-11",
}


def unique(text: str = "x") -> str:
    """A word that no other test uses."""
    return f"{text}{new_id().hex[-12:]}"


@dataclass
class Registry:
    """The running service; calls it as somebody."""

    client: httpx.AsyncClient
    database: Database
    people: People
    secretariat: dict[str, str] = field(default_factory=dict)

    async def get(self, who: Mapping[str, str] | None, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(PREFIX + path, headers=dict(who or {}), params=params)

    async def post(
        self, who: Mapping[str, str] | None, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = {"idempotency-key": key or str(new_id()), "accept-language": "en", **(who or {}), **headers}
        return await self.client.post(PREFIX + path, headers=sent, json={} if body is None else body)

    async def put(self, who: Mapping[str, str], path: str, body: Any, etag: str | None = None) -> httpx.Response:
        return await self.client.put(PREFIX + path, headers={**who, **({"if-match": etag} if etag else {})}, json=body)

    async def delete(self, who: Mapping[str, str], path: str) -> httpx.Response:
        return await self.client.delete(PREFIX + path, headers=dict(who))

    async def organisation(self, **more: Any) -> dict[str, Any]:
        """A demo hospital of its own, registered by the secretariat."""
        name = {"zh": f"示例医院{unique()}（虚构）", "en": f"Example Hospital {unique()}"}
        answer = await self.post(self.secretariat, "/organisations", {**HOSPITAL, "name": name, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def person(self, organisation_id: str, office: Office = Office.representative) -> dict[str, str]:
        """The headers of somebody who holds this office there, known already to this service's copy of rights."""
        await self.database.execute(
            "INSERT INTO access_organisation VALUES ($1, 'hospital', 'active') ON CONFLICT DO NOTHING",
            UUID(organisation_id),
        )
        return await self.people.account(UUID(organisation_id), office)

    async def appointed(self, organisation_id: str, **more: Any) -> dict[str, Any]:
        """A real person in an office, with an account and a password."""
        body = {"name": {"en": "Example Person"}, "email": f"{unique()}@demo.example", "password": PASSWORD}
        answer = await self.post(
            self.secretariat, f"/organisations/{organisation_id}/people", {**body, "office": "representative", **more}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post(None, "/sessions", {"email": email, "password": password})


def bearer(answer: httpx.Response) -> dict[str, str]:
    """The headers of whoever got this answer to a sign-in."""
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def registration(**more: object) -> Registration:
    """A hospital that is to be registered."""
    known = Registration(name=Bilingual(zh="示例医院", en="Example Hospital"), kind=MemberKind.hospital)
    return replace(known, **more)  # type: ignore[arg-type]  # names of its fields


def somebody(password_hash: str | None = "not a hash") -> NewPerson:
    """A person who is to have an account."""
    return NewPerson(email=f"{unique()}@demo.example", name=Bilingual(zh="某人"), password_hash=password_hash)


@pytest_asyncio.fixture
async def tx(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that is rolled back."""
    async with rolled_back(database) as transaction:
        yield transaction


async def _knows_its_key(database: Database) -> bool:
    """Whether the service's own copy of its first signing key has come around through Kafka."""
    return bool(await database.fetch_value("SELECT EXISTS (SELECT FROM signing_key)"))


@pytest_asyncio.fixture(scope="package")
async def registry(servers: Servers, database_of: Connect) -> AsyncIterator[Registry]:
    """The service, up for the whole run, with a member of the secretariat; its argon2 costs little, or tests would."""
    database = await database_of("member_registry")
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    parts = [(name, Hashing(cheap) if name == "hashing" else part) for name, part in service.parts]
    app = replace(service, parts=parts).app(servers.settings("member_registry", rate_limit=100_000))
    async with opened(app) as client:
        await until(lambda: _knows_its_key(database), timeout=60)
        people = People(database)
        yield Registry(client, database, people, await people.account(secretariat=True))

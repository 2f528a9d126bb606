"""What tests of any service stand on: rolled-back transactions, events sent and told, people with tokens, a client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
from joserfc.jwk import OKPKey
from starlette.types import ASGIApp

from common.auth.tokens import sign
from common.database import Database, Transaction
from common.events import Event
from common.ids import new_id
from common.outbox import OutboxRow, as_record
from common.vocabulary import MemberKind, MemberState, Office

ISSUER = "http://127.0.0.1:8080"
"""The public address that services have unless they are told another."""


class _RollBack(Exception):
    """Ends a test's transaction without keeping anything."""


@asynccontextmanager
async def rolled_back(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that is never committed: what a test of a command or reaction runs in."""
    try:
        async with database.transaction(actor="test") as tx:
            yield tx
            raise _RollBack
    except _RollBack:
        pass


def events_in(tx: Transaction) -> list[OutboxRow]:
    """What a transaction is about to publish; whoever clears it publishes nothing."""
    return tx._events


def published_by(tx: Transaction) -> list[tuple[str, int]]:
    """What a transaction is about to publish: name and version."""
    return [(_name(row.type), row.version) for row in events_in(tx)]


async def events_of(database: Database, aggregate_id: UUID | str) -> list[tuple[int, str, dict[str, Any]]]:
    """What this service has committed about an aggregate: version, name, content."""
    rows = await database.fetch(
        """SELECT version, type, payload FROM outbox WHERE aggregateid = $1
           UNION ALL SELECT version, type, payload FROM published WHERE aggregateid = $1 ORDER BY version""",
        UUID(str(aggregate_id)),
    )
    return [(row["version"], _name(row["type"]), orjson.loads(row["payload"])) for row in rows]


def _name(event_type: str) -> str:
    """`need.published` of `org.alliance.project_matching.need.published.v1`."""
    return event_type.split(".", 3)[3].removesuffix(".v1")


def record_of(event: Event) -> dict[str, Any]:
    """An event as its producer's relay sends it, with the trace that is current, for `producer.send(**…)`."""
    row = OutboxRow.of(event, actor="test")
    names = ("id", "aggregatetype", "aggregateid", "version", "type", "payload", "headers")
    record = as_record(dict(zip(names, row.columns(), strict=True)), event.producer)
    return {"topic": event.producer, **record._asdict()}


async def send(producer: Any, *events: Event) -> None:
    """These events on their producers' topics, one after the other."""
    for event in events:
        await producer.send_and_wait(**record_of(event))


@dataclass
class People:
    """Puts accounts and organisations into a service's copy of rights, and signs tokens for them."""

    database: Database
    key: OKPKey = field(
        default_factory=lambda: OKPKey.generate_key("Ed25519", {"alg": "Ed25519", "use": "sig"}, auto_kid=True)
    )
    _key_known: bool = False

    async def organisation(
        self, kind: MemberKind = MemberKind.hospital, state: MemberState = MemberState.active
    ) -> UUID:
        organisation_id = new_id()
        await self.database.execute("INSERT INTO access_organisation VALUES ($1, $2, $3)", organisation_id, kind, state)
        return organisation_id

    async def account(
        self, organisation_id: UUID | None = None, office: Office = Office.representative, *, secretariat: bool = False
    ) -> dict[str, str]:
        """Headers that act as a new account holding this office (or none)."""
        account_id = new_id()
        long_ago = datetime.now(UTC) - timedelta(days=1)
        await self.database.execute(
            "INSERT INTO access_account VALUES ($1, true, $2, $3)", account_id, secretariat, long_ago
        )
        if organisation_id is not None:
            await self.database.execute(
                "INSERT INTO access_affiliation VALUES ($1, $2, $3, $4, $5, NULL)",
                new_id(),
                account_id,
                organisation_id,
                office,
                long_ago,
            )
        return {"authorization": f"Bearer {await self.token(account_id)}"}

    async def token(self, account_id: UUID, *, machine: bool = False, now: datetime | None = None) -> str:
        """A signed token for this account; its key is made known to the service."""
        if not self._key_known:
            await self.database.execute(
                "INSERT INTO signing_key VALUES ($1, $2, $3, $4)",
                new_id(),
                self.key.as_dict(private=False),
                datetime.now(UTC) - timedelta(days=1),
                datetime.now(UTC) + timedelta(days=1),
            )
            self._key_known = True
        return sign(
            self.key,
            subject=account_id,
            session_id=new_id(),
            machine=machine,
            now=now or datetime.now(UTC),
            issuer=ISSUER,
        )


@asynccontextmanager
async def opened(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that was started as a server starts it, without a socket between them."""
    incoming: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outgoing: asyncio.Queue[Any] = asyncio.Queue()
    incoming.put_nowait({"type": "lifespan.startup"})
    scope = {"type": "lifespan", "state": {}}
    life: asyncio.Task[None] = asyncio.create_task(app(scope, incoming.get, outgoing.put))  # type: ignore[arg-type]
    started = await outgoing.get()
    assert started["type"] == "lifespan.startup.complete", started
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client
    finally:
        incoming.put_nowait({"type": "lifespan.shutdown"})
        await life


async def until(condition: Callable[[], Awaitable[bool]], timeout: float = 10, every: float = 0.02) -> None:
    """Wait until an async condition holds; AssertionError with its name after `timeout` seconds."""
    deadline = asyncio.get_running_loop().time() + timeout
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {timeout} s: {condition}"
        await asyncio.sleep(every)

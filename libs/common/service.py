"""A service on one screen: its routes, what it reacts to, what it keeps running; and the life of its process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from common import telemetry
from common.auth import Access, access_reactions
from common.background import begin, end
from common.consuming import Consumer
from common.database import Database
from common.events import Event
from common.http import documents, health, problems
from common.http.edge import Edge
from common.http.routes import Routes
from common.kafka import replay_topic
from common.reactions import Copy, Dispatch, On
from common.relay import Relay
from common.settings import Settings

DELIVERY = ("outbox", "published", "topic_position", "inbox", "applied_version", "idempotency_key", "schema_migrations")
"""Tables of every service that tell how far it is, not what is."""


class Part(Protocol):
    """Something a service keeps running beside its routes: an engine, a hub, a follower."""

    async def start(self, running: "Running") -> None:
        """Called once the database is open and before anything is consumed or served."""

    async def stop(self) -> None:
        """Called after consuming and serving have ended."""


@dataclass(frozen=True)
class Service:
    """What `app.py` declares. `publishes` names the classes of its events; without any there is no relay."""

    name: str
    title: str
    routers: Sequence[APIRouter] = ()
    mounts: Sequence[tuple[str, ASGIApp]] = ()
    streams: Sequence[tuple[str, ASGIApp]] = ()
    """Paths answered beside the framework (`Routes`); they answer their errors."""
    reactions: Sequence[On] = ()
    parts: Sequence[tuple[str, Part]] = ()
    publishes: Sequence[type[Event]] = ()
    owns: Sequence[str] = ()
    """Tables whose rows are made here by what people or this service decided: a backup is all that brings them back.
    Every other table is a copy that a row of the wiring names, or belongs to the delivery."""
    prepare: Callable[["Running"], Awaitable[None]] | None = None
    follows_access: bool = True

    def app(self, settings: Settings) -> ASGIApp:
        """The ASGI application; opening it starts the whole service, closing it ends it in order."""

        @asynccontextmanager
        async def life(app: FastAPI) -> AsyncIterator[None]:
            async with Running.of(self, settings, app):
                yield

        app = FastAPI(
            title=self.title,
            version="1",
            lifespan=life,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        problems.install(app)
        app.include_router(health.router)
        documents.install(app, self.name)
        for router in self.routers:
            app.include_router(router)
        for path, mounted in self.mounts:
            app.mount(path, mounted)
        for name, part in self.parts:
            setattr(app.state, name, part)
        return Edge(Routes(app, self.routers, dict(self.streams)), settings=settings)

    @property
    def wiring(self) -> list[On]:
        """Everything this service reacts to, the shared copy of rights included."""
        return [*(access_reactions() if self.follows_access else []), *self.reactions]

    @property
    def copies(self) -> tuple[Copy, ...]:
        """The tables that can be made anew from the topics."""
        return tuple(dict.fromkeys(row.copy for row in self.wiring if row.copy))


@dataclass
class Running:
    """A service that is up: what its handlers, parts and health page reach through `app.state.running`."""

    service: Service
    settings: Settings
    database: Database
    access: Access
    relay: Relay | None = None
    consumer: Consumer | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def of(cls, service: Service, settings: Settings, app: FastAPI) -> AsyncIterator["Running"]:
        """Start in order: database, rights, own preparation, parts, relay, consumer. Stop in reverse."""
        async with AsyncExitStack() as closing:
            database = await Database.connect(
                settings.database_url.get_secret_value(),
                schema=settings.service,
                name=f"{service.name}-{settings.instance}",
                size=settings.pool_size,
            )
            closing.push_async_callback(database.close)
            running = cls(service, settings, database, Access(database, settings.public_url))
            state: Any = app.state
            state.database, state.access, state.running = database, running.access, running
            await running.access.load_keys()
            if service.prepare:
                await service.prepare(running)
            for _, part in service.parts:
                await part.start(running)
                closing.push_async_callback(part.stop)
            running._start_relay()
            running._start_consumer()
            closing.push_async_callback(running._end_tasks)
            telemetry.log.info("service_started", instance=settings.instance, port=settings.port)
            yield running

    def _start_relay(self) -> None:
        if self.service.publishes:
            self.relay = Relay(
                url=self.settings.database_url.get_secret_value(),
                service=self.service.name,
                bootstrap=self.settings.kafka,
                database=self.database,
            )
            self.tasks.append(begin(self.relay.run, "relay"))

    def _start_consumer(self) -> None:
        if self.service.wiring:
            self.consumer = Consumer(
                service=self.service.name,
                instance=self.settings.instance,
                bootstrap=self.settings.kafka,
                database=self.database,
                dispatch=Dispatch(self.service.wiring),
                also=[replay_topic(self.service.name)],
            )
            self.tasks.append(begin(self.consumer.run, "consumer"))
        self.tasks.append(begin(partial(forget_old_rows, self.database), "housekeeping"))

    async def _end_tasks(self) -> None:
        """The consumer finishes the batch it has in hand, then everything else is cancelled."""
        if self.consumer:
            self.consumer.stop()
            await asyncio.wait([task for task in self.tasks if task.get_name() == "consumer"], timeout=4)
        await end(self.tasks)


async def forget_old_rows(database: Database) -> None:
    """Once an hour: the inbox keeps eight days (published rows are kept seven), answers to POSTs two days."""
    while True:
        try:
            await database.execute("DELETE FROM inbox WHERE received_at < now() - interval '8 days'")
            await database.execute("DELETE FROM idempotency_key WHERE created_at < now() - interval '2 days'")
        except Exception as error:  # whatever fails here is tried again in an hour
            telemetry.log.warning("housekeeping_failed", error=repr(error))
        await asyncio.sleep(3600)

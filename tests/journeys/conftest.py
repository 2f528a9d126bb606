"""The whole alliance in one process: every service on a port of its own, over real PostgreSQL and Kafka."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest_asyncio
import uvicorn

from common.http.connection import Connection
from common.ids import new_id
from common.serving import load
from common.settings import Settings
from common.testing import until
from deploy.local.secrets import Secrets
from deploy.services import behind_the_entrance
from tests.conftest import Servers, free_port


class Person:
    """Somebody signed in through the one address, as a program would."""

    def __init__(self, client: httpx.AsyncClient, signed_in: dict[str, object]) -> None:
        self.client = client
        self.token = str(signed_in["access_token"])
        self.signed_in = signed_in

    async def get(self, path: str, **query: object) -> httpx.Response:
        return await self.client.get(f"/api/{path}", headers=self.headers(), params=query)  # type: ignore[arg-type]

    async def post(
        self, path: str, body: object = None, *, key: str | None = None, version: int | None = None
    ) -> httpx.Response:
        headers = self.headers() | {"idempotency-key": key or str(new_id())}
        if version is not None:
            headers["if-match"] = f'"{version}"'
        return await self.client.post(f"/api/{path}", headers=headers, json={} if body is None else body)

    async def put(self, path: str, body: object, version: int) -> httpx.Response:
        return await self.client.put(f"/api/{path}", headers=self.headers() | {"if-match": f'"{version}"'}, json=body)

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", "accept-language": "en"}


@dataclass
class Alliance:
    """A running alliance and how to come in."""

    url: str
    client: httpx.AsyncClient
    secretariat_credentials: str

    async def sign_in(self, email: str, password: str) -> Person:
        body = {"email": email, "password": password}
        answer = await self.client.post("/api/member_registry/v1/sessions", json=body)
        if answer.status_code == 429:  # generated requests have tried many passwords from this address
            await asyncio.sleep(int(answer.headers["retry-after"]))
            answer = await self.client.post("/api/member_registry/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return Person(self.client, answer.json())

    async def secretariat(self) -> Person:
        """Signed in; the registry's first key may still be on its way to the registry's own copy."""
        email, _, password = self.secretariat_credentials.partition(":")
        who = await self.sign_in(email, password)

        async def known() -> bool:
            return (await who.get("member_registry/v1/me")).status_code == 200

        await until(known, timeout=60)
        return who


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """A service behind a real socket in this very process; yields its address once it is ready."""
    server = uvicorn.Server(
        uvicorn.Config(
            load(settings.service).app(settings),
            port=settings.port,
            http=Connection,
            log_config=None,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=300,  # longer than a busy machine lets a client wait for its turn
        )
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{settings.port}"
    try:
        async with httpx.AsyncClient() as probe:

            async def ready() -> bool:
                assert not task.done(), f"{settings.service} ended while it was starting"
                try:
                    return (await probe.get(f"{url}/health/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(ready, timeout=30)
        yield url
    finally:
        server.should_exit = True
        await task


@pytest_asyncio.fixture(scope="package")
async def alliance(servers: Servers) -> AsyncIterator[Alliance]:
    """Every service, the portal in front."""
    upstreams: dict[str, str] = {}
    async with AsyncExitStack() as closing:
        for service in behind_the_entrance():
            settings = servers.settings(service.name, port=free_port(), rate_limit=100_000)
            upstreams[service.name] = await closing.enter_async_context(served(settings))
        port = free_port()
        portal = f"http://127.0.0.1:{port}"
        settings = servers.settings("portal", port=port, upstreams=upstreams, public_url=portal, rate_limit=100_000)
        await closing.enter_async_context(served(settings))
        client = await closing.enter_async_context(httpx.AsyncClient(base_url=portal, timeout=30))
        yield Alliance(portal, client, Secrets(servers.state).first_secretariat())

"""What passes through the one address, and what does not."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from common.testing import until
from deploy.services import behind_the_entrance
from portal.gateway import Gateway
from tests.conftest import free_port
from tests.portal.conftest import World


class Echo:
    """A service that says what it was sent; `/slow` keeps a stream open and notices when its listener leaves."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.target = b""
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.target = scope["raw_path"] + b"?" + scope["query_string"]
        headers = [(b"x-own", b"kept"), (b"set-cookie", b"a=b"), (b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: first\n\n", "more_body": True})
        if scope["path"].endswith("/slow"):
            while (await receive())["type"] != "http.disconnect":
                pass
            self.left.set()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _run(app: ASGIApp, port: int) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    config = uvicorn.Config(
        app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1, proxy_headers=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started)
    return server, task


@pytest_asyncio.fixture
async def echo() -> AsyncIterator[tuple[Echo, str]]:
    """The echoing service behind a gateway, both on real sockets."""
    service, inner, outer = Echo(), free_port(), free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{inner}") as to_service:
        gateway = Gateway({"echo": to_service})
        running = [await _run(service, inner), await _run(gateway, outer)]
        yield service, f"http://127.0.0.1:{outer}"
        for server, task in running:
            server.should_exit = True
            await task


async def test_path_and_query_arrive_as_they_were_sent(echo: tuple[Echo, str]) -> None:
    service, address = echo
    async with httpx.AsyncClient() as client:
        await client.get(address + "/api/echo/v1/a%2Fb/%E5%8A%A8?q=%20+&q=2")
    assert service.target == b"/api/echo/v1/a%2Fb/%E5%8A%A8?q=%20+&q=2"


async def test_the_bearer_token_passes_and_the_consoles_cookie_does_not(echo: tuple[Echo, str]) -> None:
    service, address = echo
    sent = {"authorization": "Bearer t", "cookie": "alliance_session=s", "x-mine": "1", "connection": "x-mine, close"}
    async with httpx.AsyncClient() as client:
        answer = await client.get(address + "/api/echo/v1/x", headers=sent | {"x-forwarded-for": "9.9.9.9"})
    assert service.headers["authorization"] == "Bearer t"
    assert "cookie" not in service.headers
    assert "x-mine" not in service.headers, "what Connection names belongs to one connection"
    assert service.headers["x-forwarded-for"] == "127.0.0.1", "a caller cannot choose where it comes from"
    assert answer.headers["x-own"] == "kept"
    assert "set-cookie" not in answer.headers


async def test_an_event_stream_passes_while_it_runs_and_ends_when_the_listener_leaves(echo: tuple[Echo, str]) -> None:
    service, address = echo
    async with httpx.AsyncClient() as client, client.stream("GET", address + "/api/echo/v1/slow") as answer:
        first = await asyncio.wait_for(anext(answer.aiter_text()), 5)
        assert first == "data: first\n\n"
        assert not service.left.is_set()
    await asyncio.wait_for(service.left.wait(), 5)


async def test_a_service_that_is_down_is_named_in_a_problem() -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port()}") as nobody:
        transport = httpx.ASGITransport(Gateway({"echo": nobody}))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            down = await client.get("/api/echo/v1/x", headers={"accept-language": "en"})
            unknown = await client.get("/api/nothing/v1/x")
    assert down.status_code == 502
    assert down.headers["content-type"] == "application/problem+json"
    assert down.json()["code"] == "service_unreachable"
    assert unknown.status_code == 404


async def test_every_service_answers_under_the_one_address(world: World) -> None:
    for service in (listed.name for listed in behind_the_entrance()):
        answer = await world.alliance.client.get(f"/api/{service}/openapi.json")
        assert answer.status_code == 200
        assert all(path.startswith(f"/api/{service}/v1") for path in answer.json()["paths"] if "/v1" in path)
        assert (await world.alliance.client.get(f"/api/{service}/docs")).status_code == 200

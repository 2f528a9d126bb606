"""An endpoint called straight answers, to the byte, what FastAPI answers to the same request."""

from collections.abc import AsyncIterator
from itertools import product
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest_asyncio
from fastapi import Depends, FastAPI, Header, Query, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from common.auth import Access
from common.database import Database
from common.http import Api, Call, Cursor, Reach, allow, problems, public, signed_in
from common.http.endpoint import callable_straight
from common.http.routes import Routes
from common.serving import load
from common.testing import ISSUER
from common.vocabulary import Role
from deploy.services import behind_the_entrance
from tests.common.notes import Note, key

router = Api("feeds")
Words = Annotated[list[str] | None, Query(max_length=2)]


@router.post("/told/{number}")
async def tell(
    call: Annotated[Call, allow(Role.institution_editor, reach=Reach.own)],
    number: UUID,
    note: Note,
    cursor: Annotated[Cursor, Depends()],
    words: Words = None,
    exact: bool = False,
) -> Response:
    return Response(f"{number} {note!r} {cursor.limit} {cursor.after} {words} {exact}")


@router.post("/told/{number}/again")
async def tell_again(call: Annotated[Call, signed_in(reach=Reach.own)], number: int) -> Response:
    return Response(f"{number}")


@router.get("/told/{number}")
async def told(call: Annotated[Call, public(reach=Reach.everybody)], number: int) -> Response:
    return Response(f"{1 // number}")


@pytest_asyncio.fixture(scope="module")
async def both(database: Database) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """The same routes with the short way before them, and as FastAPI alone serves them."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    problems.install(app)
    app.include_router(router)
    app.state.database, app.state.access = database, Access(database, ISSUER)
    async with _client(Routes(app, [router], {})) as straight, _client(app) as layered:
        yield straight, layered


def _client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


PATHS = [
    "/told/0198f6a2-7d1c-7a55-9d3e-6f0a2f5c1e11",
    "/told/none?limit=0&words=a&words=b&words=c&exact=perhaps",
    "/told/{0198f6a2-7d1c-7a55-9d3e-6f0a2f5c1e11}?limit=5&cursor=none",
    "/told/7?cursor=WyJhIl0&words=a",
    "/told/0",
    "/told/7/again",
    "/told/none/again",
    "/told/7/",
]
BODIES: list[dict[str, Any]] = [
    {},
    {"json": {"title": {"zh": "笔记"}}},
    {"json": {"title": {}, "count": "many", "more": 1}},
    {"json": None, "headers": {"content-type": "application/json"}, "content": b"null"},
    {"content": b'{"title":{"en":"a"}}', "headers": {"content-type": "Application/Problem+JSON; charset=utf-8"}},
    {"content": b'{"title":{"en":"a"}}', "headers": {"content-type": "text/json"}},
    {"content": b'{"title":{"en":"a"}}'},
    {"content": b'{"title":NaN}', "headers": {"content-type": "application/json"}},
    {"content": b"[]", "headers": {"content-type": "application/json", "accept-language": "en"}},
]


async def test_whatever_is_sent_is_answered_as_fastapi_answers_it(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], editor: dict[str, str]
) -> None:
    seen = set()
    for method, path, body in product(["GET", "POST", "PUT"], PATHS, BODIES):
        for who in ({}, key(), editor, editor | key(), {"authorization": "Bearer none"} | key()):
            sent = {**body, "headers": {**body.get("headers", {}), **who}}
            straight, layered = [await client.request(method, f"/api/feeds/v1{path}", **sent) for client in both]
            told = [(answer.status_code, answer.headers.raw, answer.content) for answer in (straight, layered)]
            assert told[0] == told[1], (method, path, sent)
            seen.add(straight.status_code)
    assert seen == {200, 400, 401, 404, 405, 422, 500}


def test_all_endpoints_are_called_straight_but_the_one_that_takes_a_form() -> None:
    services = [load(service.name) for service in behind_the_entrance()]
    routes = [route for service in services for one in service.routers for route in one.routes]
    layered = [route.path for route in routes if isinstance(route, APIRoute) and not callable_straight(route)]
    assert layered == ["/api/member_registry/v1/token"]


def test_an_endpoint_that_asks_for_more_is_left_to_fastapi() -> None:
    asking = Api("feeds")

    @asking.get("/header")
    async def header(call: Annotated[Call, public()], accept: Annotated[str, Header()]) -> Response:
        return Response(accept)

    @asking.get("/nothing")
    async def nothing(call: Annotated[Call, public()]) -> None:
        """Answers with something else than a `Response`."""

    assert not any(callable_straight(route) for route in asking.routes if isinstance(route, APIRoute))

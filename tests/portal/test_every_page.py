"""Every page and every form of the console, found in its routes: a new one cannot forget what protects the others."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from common.ids import new_id
from portal import visit
from portal.console import console
from portal.forms import open_form
from portal.security import HEADERS
from tests.portal.conftest import World
from tests.portal.test_session import token_on

ROUTES = [
    found.original_route
    for found in iter_route_contexts(console().routes)
    if isinstance(found.original_route, APIRoute) and not found.original_route.path.startswith("/static")
]
FORMS = [route for route in ROUTES if "POST" in (route.methods or ())]
PAGES = [route for route in ROUTES if "GET" in (route.methods or ())]
NONSENSE = ["\ufffd", "中" * 300, "x\r\nPlanted: a=b", "\x00\x7f", "/needs/\x00", "x" * 20_000]
SECRETARIAT = ("/desk", "/applications")


def asks_for(route: APIRoute, dependency: Callable[..., Any]) -> bool:
    """Whether a route depends on it, however deep."""

    def within(dependant: Dependant) -> Iterator[Any]:
        yield dependant.call
        for inner in dependant.dependencies:
            yield from within(inner)

    return dependency in within(route.dependant)


def address(route: APIRoute) -> str:
    """The route's path with something that does not exist in it."""
    return re.sub(r"\{\w+(:uuid)?\}", str(new_id()), route.path)


@dataclass
class Visitors:
    """Somebody of each kind, signed in, with the token of their forms."""

    nobody: httpx.AsyncClient
    hospital: httpx.AsyncClient
    secretariat: httpx.AsyncClient


@pytest_asyncio.fixture(scope="module")
async def visitors(world: World) -> Visitors:
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    clients = {}
    for side in ("nobody", "hospital", "secretariat"):
        client = httpx.AsyncClient(base_url=world.alliance.url, headers=headers, timeout=30)
        if side != "nobody":
            email, password = world.account(side)
            fields = {"csrf": await token_on(client, "/sign-in"), "email": email, "password": password}
            assert (await client.post("/sign-in", data=fields)).status_code == 303
        clients[side] = client
    return Visitors(**clients)


def test_every_route_changes_things_only_by_post() -> None:
    assert {method for route in ROUTES for method in route.methods or ()} == {"GET", "POST"}
    assert len(FORMS) > 10
    assert len(PAGES) > 20


@pytest.mark.parametrize("route", FORMS, ids=lambda route: route.path)
async def test_a_form_without_the_token_of_this_browser_is_refused(visitors: Visitors, route: APIRoute) -> None:
    assert asks_for(route, open_form), f"{route.path} does not check the token of its form"
    foreign = await token_on(visitors.nobody, "/sign-in")
    for client in (visitors.hospital, visitors.secretariat):
        for sent in ({}, {"csrf": ""}, {"csrf": foreign}):
            assert (await client.post(address(route), data=sent)).status_code == 403
        elsewhere = {"sec-fetch-site": "cross-site"}
        right = await token_on(client, "/about")
        refused = await client.post(address(route), data={"csrf": right}, headers=elsewhere)
        assert refused.status_code == 403


@pytest.mark.parametrize("route", [form for form in FORMS if form.path != "/sign-out"], ids=lambda route: route.path)
async def test_nonsense_in_what_a_form_brings_along_is_no_fault_of_ours(visitors: Visitors, route: APIRoute) -> None:
    """Versions, keys, addresses to go back to: nobody types them, and anybody can send there what he likes."""
    for client in (visitors.hospital, visitors.secretariat):
        token = await token_on(client, "/about")
        for nonsense in NONSENSE:
            brought = dict.fromkeys(("etag", "once", "back", "action", "kept_as", "answer", "reason"), nonsense)
            answer = await client.post(address(route), data=brought | {"csrf": token})
            assert answer.status_code < 500, nonsense
            assert "planted" not in answer.headers


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.path)
async def test_a_page_opens_only_for_whom_it_is_and_is_kept_by_nobody(visitors: Visitors, route: APIRoute) -> None:
    path = address(route)
    answer = await visitors.nobody.get(path)
    if asks_for(route, visit.signed_in):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
    if asks_for(route, visit.secretariat):
        assert (await visitors.hospital.get(path)).status_code == 403
    assert asks_for(route, visit.secretariat) == (path.startswith(SECRETARIAT))
    for headers in (answer.headers, (await visitors.nobody.post(path)).headers):
        assert headers["cache-control"] == "no-store"
        assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "/\\/evil.example",
        "\\/evil.example", "https:evil.example", "https://evil.example", "HTTPS://evil.example",
        "http:///evil.example", "//evil.example/..", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
        " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "/\t/evil.example",
        "/\n/evil.example", "\t//evil.example", " //evil.example", "//evil.example@localhost", "//[::1]",
        "/\u2028/evil.example", "．．//evil.example", "//evil%E3%80%82example", "vbscript:x", "", "needs",
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["/language/en?next=", "/sign-in?next="])
async def test_no_spelling_of_next_leads_elsewhere(visitors: Visitors, target: str, way: str) -> None:
    answer = await visitors.hospital.get(way.partition("?")[0], params={"next": target})
    assert answer.status_code == 303
    landed = httpx.URL(str(visitors.hospital.base_url)).join(answer.headers["location"])
    assert (landed.scheme, landed.host, landed.port) == (
        visitors.hospital.base_url.scheme, visitors.hospital.base_url.host, visitors.hospital.base_url.port,
    )  # fmt: skip
    assert not answer.headers["location"].startswith(("//", "/\\"))


async def test_an_encoded_address_stays_a_path_of_ours(visitors: Visitors) -> None:
    answer = await visitors.hospital.get("/language/en", params={"next": "/%2F/evil.example"})
    assert answer.headers["location"] == "/%2F/evil.example"

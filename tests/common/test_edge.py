"""The outermost layer by itself: limits that inventing tokens does not get around, and the safe headers."""

from types import SimpleNamespace

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from common.http.edge import Edge
from common.settings import Settings


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes, however slow the machine is: nothing drains."""
    monkeypatch.setattr("common.http.edge.time", SimpleNamespace(monotonic=lambda: 1.0, perf_counter=lambda: 1.0))


def client(app: ASGIApp, *, address: str = "192.0.2.1", **more: object) -> httpx.AsyncClient:
    """Two requests a second, four at once."""
    known = {"service": "feeds", "port": 0, "database_url": "postgresql://nowhere", "kafka": "nowhere", "rate_limit": 2}
    edge = app if isinstance(app, Edge) else Edge(app, settings=Settings.model_validate(known | more))
    return httpx.AsyncClient(transport=httpx.ASGITransport(edge, client=(address, 1)), base_url="http://test")


async def statuses(caller: httpx.AsyncClient, tokens: list[str]) -> list[int]:
    return [(await caller.get("/x", headers={"authorization": f"Bearer {token}"})).status_code for token in tokens]


async def test_a_caller_has_a_limit() -> None:
    caller = client(Response())
    assert await statuses(caller, ["same"] * 6) == [200] * 4 + [429] * 2
    assert await statuses(caller, ["other"]) == [200]


@pytest.mark.parametrize("addresses", [["192.0.2.1"] * 6, [f"2001:db8::{number}" for number in range(6)]])
async def test_inventing_tokens_is_no_way_around_the_limit(addresses: list[str]) -> None:
    known = {"service": "feeds", "port": 0, "database_url": "postgresql://nowhere", "kafka": "nowhere", "rate_limit": 2}
    edge = Edge(Response(status_code=401), settings=Settings.model_validate(known))
    answers = []
    for number, address in enumerate(addresses):
        answers += await statuses(client(edge, address=address), [f"invented {number}"])
    assert answers == [401] * 4 + [429] * 2
    assert await statuses(client(edge, address="198.51.100.7"), ["another"]) == [401]


async def test_answers_are_not_kept_unless_they_say_so() -> None:
    assert (await client(Response()).get("/")).headers["cache-control"] == "no-store"
    kept = PlainTextResponse("", headers={"cache-control": "public, max-age=60"})
    assert (await client(kept).get("/")).headers["cache-control"] == "public, max-age=60"


async def test_an_alliance_on_https_is_never_asked_for_without_it_again() -> None:
    plain = (await client(Response()).get("/")).headers
    secure = (await client(Response(), public_url="https://alliance.example").get("/")).headers
    assert "strict-transport-security" not in plain
    assert secure["strict-transport-security"] == "max-age=31536000"

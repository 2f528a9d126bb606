"""Pulling with a cursor: every item once, in order, and no waiting longer than needed."""

import asyncio
import time

import httpx
import pytest

from common.database import Database
from tests.facts import hit, suggested
from tests.feeds.conftest import Subscriber, Worker, told, told_hits


async def test_a_reader_gets_everything_page_by_page(
    client: httpx.AsyncClient, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 45)
    after, numbers = 0, []
    while True:
        answer = await client.get("/items", headers=subscriber.headers, params={"after": after, "limit": 20})
        page = answer.json()
        if not page["items"]:
            break
        numbers += [item["number"] for item in page["items"]]
        after = page["next"]
    assert numbers == list(range(1, 46))
    assert page["next"] == 45


async def test_without_a_cursor_the_newest_come(
    client: httpx.AsyncClient, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 5)
    page = (await client.get("/items", headers=subscriber.headers, params={"limit": 2})).json()
    assert [item["number"] for item in page["items"]] == [4, 5]
    assert page["next"] == 5


async def test_an_item_says_all_that_its_event_said(
    client: httpx.AsyncClient, subscriber: Subscriber, database: Database
) -> None:
    found, match = hit(subscriber.id), suggested(subscriber.id, hit(subscriber.id).need_organisation_id)
    await told(database, found, match)
    first, second = (await client.get("/items", headers=subscriber.headers)).json()["items"]
    assert first["kind"] == "subscription_hit"
    assert first["subject"] == {"type": "need", "id": str(found.need_id)}
    assert first["subscription"] == {"id": str(found.subscription_id), "name": {"zh": "取栓", "en": "Thrombectomy"}}
    assert first["words"] == [{"need": "取栓", "profile": None, "points": None}]
    assert second["subject"] == {"type": "suggestion", "id": str(match.suggestion_id)}
    assert second["score"] == 0.83
    assert second["words"] == [{"need": "取栓", "profile": "取栓支架", "points": 0.2}]
    assert second["facets"] == [facet.model_dump() for facet in match.facets]
    for item in (first, second):
        assert item["record"] == "demo"
        assert all(item[text][language] for text in ("title", "summary") for language in ("zh", "en"))


async def test_a_waiting_pull_is_answered_by_the_next_item(
    client: httpx.AsyncClient, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id)
    pull = asyncio.create_task(client.get("/items?after=1&wait=20", headers=subscriber.headers))
    await asyncio.sleep(0.3)
    assert not pull.done()
    await told_hits(database, subscriber.id)
    answer = (await asyncio.wait_for(pull, 1)).json()
    assert [item["number"] for item in answer["items"]] == [2]
    assert answer["next"] == 2


async def test_a_waiting_pull_ends_with_nothing_when_its_time_is_over(
    worker: Worker, client: httpx.AsyncClient, subscriber: Subscriber
) -> None:
    began = time.monotonic()
    answer = await client.get("/items?after=0&wait=0.4", headers=subscriber.headers)
    assert answer.json() == {"items": [], "next": 0}
    assert 0.4 <= time.monotonic() - began < 2
    assert subscriber.id not in worker.hub._channels


async def test_many_waiting_pulls_see_each_item_once_while_others_write(
    client: httpx.AsyncClient, subscriber: Subscriber, database: Database
) -> None:
    async def pull() -> list[int]:
        after, numbers = 0, list[int]()
        while after < 60:
            page = (await client.get(f"/items?after={after}&wait=10&limit=7", headers=subscriber.headers)).json()
            numbers += [item["number"] for item in page["items"]]
            after = page["next"]
        return numbers

    pulls = [asyncio.create_task(pull()) for _ in range(5)]
    for _ in range(30):
        await told_hits(database, subscriber.id, 2)
    assert await asyncio.gather(*pulls) == [list(range(1, 61))] * 5


async def test_a_cursor_beyond_the_end_comes_back_to_it(
    client: httpx.AsyncClient, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 2)
    answer = await client.get(f"/items?after={2**63 - 1}", headers=subscriber.headers)
    assert answer.json() == {"items": [], "next": 2}


@pytest.mark.parametrize(
    "query", ["after=-1", f"after={2**63}", "after=x", "limit=0", "limit=101", "wait=26", "wait=nan"]
)
async def test_what_cannot_be_meant_is_refused(client: httpx.AsyncClient, subscriber: Subscriber, query: str) -> None:
    answer = await client.get(f"/items?{query}", headers=subscriber.headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]

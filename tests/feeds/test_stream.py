"""The event stream: what was missed, then what comes, each item once and in order, for those who may listen."""

import asyncio
import random
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from common.database import Database
from common.testing import People, until
from common.text import Bilingual
from common.vocabulary import MemberKind, MemberState
from feeds.store import last_number
from tests.conftest import Servers
from tests.facts import hit
from tests.feeds.conftest import Subscriber, Worker, deaf, listening, running, told, told_hits


async def test_a_new_item_arrives_without_being_asked_for(
    worker: Worker, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 2)
    async with listening(worker.url, subscriber.headers) as stream:
        await told_hits(database, subscriber.id)
        assert await stream.has(1, timeout=1) == [3]


async def test_the_stream_and_the_pull_tell_the_same(
    worker: Worker, client: httpx.AsyncClient, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 3)
    ends_of_lines = Bilingual(zh="一行\u2028另一行", en="One line\u2029and another")
    async with listening(worker.url, subscriber.headers, after=0) as stream:
        await told(database, hit(subscriber.id, need_title=ends_of_lines))
        await told_hits(database, subscriber.id)
        await stream.has(5)
    pulled = await client.get("/items", headers=subscriber.headers, params={"after": 0})
    assert stream.items == pulled.json()["items"]
    assert ends_of_lines.zh in stream.items[3]["title"]["zh"]
    assert pulled.json()["next"] == 5


async def test_whoever_comes_back_gets_what_was_missed_and_goes_on_live(
    worker: Worker, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 250)  # more than two pages
    async with listening(worker.url, subscriber.headers, after=20) as stream:
        await stream.has(230)
        await told_hits(database, subscriber.id)
        assert await stream.has(231) == list(range(21, 252))


async def test_a_client_that_lost_its_connection_before_the_first_item_misses_nothing(
    worker: Worker, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 4)
    async with listening(worker.url, subscriber.headers) as stream:
        assert stream.first_id == 4
        assert stream.retry is not None
        assert 1000 <= stream.retry <= 4000
    await told_hits(database, subscriber.id)
    async with listening(worker.url, subscriber.headers, after=stream.first_id) as stream:
        assert await stream.has(1) == [5]


async def test_after_in_the_address_does_what_last_event_id_does_and_gives_way_to_it(
    worker: Worker, subscriber: Subscriber, database: Database
) -> None:
    await told_hits(database, subscriber.id, 3)
    async with httpx.AsyncClient(timeout=10) as client:
        for headers, first in (({}, b"id: 2\n"), ({"last-event-id": "2"}, b"id: 3\n")):
            url = f"{worker.url}/stream?after=1"
            async with client.stream("GET", url, headers=subscriber.headers | headers) as answer:
                received = b""
                async for chunk in answer.aiter_bytes():
                    received += chunk
                    if b"event: item" in received:
                        break
            assert received.split(b"\n\n")[1].startswith(first)


async def test_a_number_beyond_the_end_starts_at_the_end(
    worker: Worker, subscriber: Subscriber, database: Database
) -> None:
    async with listening(worker.url, subscriber.headers, after=2**63 - 1) as stream:
        await told_hits(database, subscriber.id)
        assert await stream.has(1) == [1]


async def test_nothing_is_lost_or_doubled_while_many_write_and_clients_come_and_go(
    servers: Servers, worker: Worker, subscriber: Subscriber, people: People, database: Database
) -> None:
    writing = asyncio.Event()

    async def write(seed: int) -> None:
        choose = random.Random(seed)
        for _ in range(20):
            await told_hits(database, subscriber.id, choose.randint(1, 8))
            await asyncio.sleep(choose.random() * 0.02)

    async def read(seed: int, url: str) -> list[int]:
        """Comes back again and again with the last number it has, as a browser does."""
        choose, received = random.Random(seed), [0]
        headers = await people.account(subscriber.id)
        while True:
            last = writing.is_set()
            async with listening(url, headers, after=received[-1]) as stream:
                if last:
                    await stream.has(await last_number(database, subscriber.id) - received[-1])
                else:
                    await asyncio.sleep(choose.random() * 0.1)
                received += stream.numbers
            if last:
                return received[1:]

    async with running(servers, instance=1) as other:
        readers = [asyncio.create_task(read(n, url)) for n in range(2) for url in (worker.url, other.url)]
        await asyncio.gather(*(write(seed) for seed in range(8)))
        writing.set()
        everything = list(range(1, await last_number(database, subscriber.id) + 1))
        assert len(everything) > 500
        for received in await asyncio.gather(*readers):
            assert received == everything


async def test_an_item_written_by_another_process_arrives_through_the_topic(
    servers: Servers, worker: Worker, subscriber: Subscriber, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.hub.NET", float("inf"))
    async with listening(worker.url, subscriber.headers) as stream:
        monkeypatch.setattr("feeds.news._hearing", [])
        await told_hits(database, subscriber.id)
        assert await stream.has(1, timeout=5) == [1]


async def test_the_net_finds_an_item_that_nobody_announced(
    worker: Worker, subscriber: Subscriber, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(worker.url, subscriber.headers) as stream:
        monkeypatch.setattr("feeds.news._hearing", [])
        monkeypatch.setattr(worker.hub._follower, "_apply", deaf)
        await told_hits(database, subscriber.id)
        assert await stream.has(1, timeout=4) == [1]


async def test_all_listeners_of_a_subscriber_hear_and_nobody_else(
    worker: Worker, subscriber: Subscriber, people: People, database: Database
) -> None:
    other = await people.organisation(MemberKind.enterprise)
    async with (
        listening(worker.url, subscriber.headers) as one,
        listening(worker.url, await people.account(subscriber.id)) as two,
        listening(worker.url, await people.account(other)) as foreign,
    ):
        await told_hits(database, subscriber.id)
        assert await one.has(1) == await two.has(1) == [1]
        await told_hits(database, other)
        assert await foreign.has(1) == [1]
        assert foreign.items[0]["id"] != one.items[0]["id"]


async def test_a_silent_stream_shows_that_it_is_alive(
    worker: Worker, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.hub.HEARTBEAT", 0.5)
    async with listening(worker.url, subscriber.headers) as stream:

        async def beaten() -> bool:
            return "still here" in stream.comments

        await until(beaten, timeout=4)


async def _suspend(people: People, subscriber: Subscriber) -> None:
    await people.database.execute(
        "UPDATE access_organisation SET state = $2 WHERE organisation_id = $1", subscriber.id, MemberState.suspended
    )


async def _end_office(people: People, subscriber: Subscriber) -> None:
    await people.database.execute(
        "UPDATE access_affiliation SET valid_until = $2 WHERE organisation_id = $1", subscriber.id, datetime.now(UTC)
    )


async def _close_account(people: People, subscriber: Subscriber) -> None:
    await people.database.execute(
        "UPDATE access_account a SET open = false FROM access_affiliation f "
        "WHERE f.account_id = a.account_id AND f.organisation_id = $1",
        subscriber.id,
    )


@pytest.mark.parametrize("lose", [_suspend, _end_office, _close_account])
async def test_a_lost_right_closes_the_stream_and_what_comes_after_is_not_seen(
    worker: Worker, subscriber: Subscriber, people: People, database: Database, lose: object
) -> None:
    async with listening(worker.url, subscriber.headers) as stream:
        await told_hits(database, subscriber.id)
        await stream.has(1)
        assert callable(lose)
        await lose(people, subscriber)
        await asyncio.wait_for(stream.ended.wait(), 2)
        await told_hits(database, subscriber.id)
        assert stream.numbers == [1]
        assert stream.comments == ["closed, rights_lost"]


async def test_a_right_that_could_not_be_confirmed_in_turn_is_asked_about_before_the_push(
    worker: Worker, subscriber: Subscriber, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.rights.AT_ONCE", 0)
    monkeypatch.setattr("feeds.rights.OLD", -1.0)
    async with listening(worker.url, subscriber.headers) as stream:
        await _suspend(people, subscriber)
        await told_hits(database, subscriber.id)
        await asyncio.wait_for(stream.ended.wait(), 1)
        assert stream.numbers == []


@pytest.mark.parametrize("given", ["-1", "x", "1.5", "9" * 30, "１２"])
async def test_a_last_event_id_that_is_no_number_is_refused(
    client: httpx.AsyncClient, subscriber: Subscriber, given: str
) -> None:
    given_headers = [*subscriber.headers.items(), ("last-event-id", given)]
    answer = await client.get("/stream", headers=httpx.Headers(given_headers, encoding="utf-8"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Last-Event-ID"


async def test_the_secretariat_is_told_that_it_has_no_feed(client: httpx.AsyncClient, people: People) -> None:
    headers = await people.account(secretariat=True)
    for path in ("/stream", "/items"):
        answer = await client.get(path, headers=headers | {"accept-language": "en"})
        assert answer.status_code == 403
        assert answer.json()["code"] == "no_feed"
        assert "no feed of its own" in answer.json()["detail"]


async def test_strangers_hear_nothing(client: httpx.AsyncClient, subscriber: Subscriber) -> None:
    assert (await client.get("/stream")).status_code == 401
    assert (await client.get("/stream", headers={"authorization": "Bearer x.y.z"})).status_code == 401
    assert (await client.post("/stream", headers=subscriber.headers)).status_code == 405


async def test_whoever_acts_for_several_organisations_names_one(
    worker: Worker, client: httpx.AsyncClient, people: People, subscriber: Subscriber, database: Database
) -> None:
    second = await people.organisation(MemberKind.enterprise)
    await _give_office(database, subscriber, second)
    answer = await client.get("/stream", headers=subscriber.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "organisation_not_chosen")
    await told_hits(database, second)
    chosen = subscriber.headers | {"alliance-organisation": str(second)}
    async with listening(worker.url, chosen, after=0) as stream:
        assert await stream.has(1) == [1]
    foreign = subscriber.headers | {"alliance-organisation": str(await people.organisation())}
    assert (await client.get("/stream", headers=foreign)).status_code == 403


async def _give_office(database: Database, subscriber: Subscriber, organisation_id: UUID) -> None:
    await database.execute(
        """
        INSERT INTO access_affiliation (affiliation_id, account_id, organisation_id, office, valid_from)
        SELECT gen_random_uuid(), account_id, $2, office, valid_from FROM access_affiliation WHERE organisation_id = $1
        """,
        subscriber.id,
        organisation_id,
    )

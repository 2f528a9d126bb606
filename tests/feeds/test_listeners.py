"""What one listener may cost the others: slow readers, too many at once, and the end of the process."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from common import metrics
from common.database import Database
from common.http.connection import Connection
from common.ids import new_id
from common.testing import People, until
from feeds.admission import Admission
from feeds.hub import Hub
from feeds.listener import BOUND, STUCK, Listener
from tests.common.delivery import true
from tests.conftest import Servers
from tests.facts import hit
from tests.feeds.conftest import Subscriber, Worker, deaf, listening, running, told, told_hits


@contextmanager
def never_reading(url: str, headers: dict[str, str]) -> Iterator[socket.socket]:
    """A client that asks for the stream and then does not read."""
    address = urlsplit(url)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((address.hostname, address.port))
        lines = [f"GET {address.path}/stream HTTP/1.1", "host: test", *(f"{k}: {v}" for k, v in headers.items())]
        client.sendall("\r\n".join([*lines, "", ""]).encode())
        yield client


def _dropped() -> float:
    return metrics.sse_dropped._value.get()  # type: ignore[no-any-return]


async def test_a_slow_reader_is_dropped_and_the_others_do_not_wait_for_it(
    worker: Worker, subscriber: Subscriber, people: People, database: Database
) -> None:
    dropped = _dropped()
    words = tuple(f"{n:0300d}" for n in range(300))  # makes an item of about 100 kB
    with never_reading(worker.url, await people.account(subscriber.id)) as client:
        async with listening(worker.url, subscriber.headers) as stream:
            slowest = 0.0
            for number in range(1, 1000):
                began = time.monotonic()
                await told(database, hit(subscriber.id, words=words))
                await stream.has(number)
                slowest = max(slowest, time.monotonic() - began)
                if _dropped() > dropped:
                    break
            assert _dropped() == dropped + 1
            assert slowest < STUCK

            async def alone() -> bool:
                return len(worker.hub._channels[subscriber.id].listeners) == 1

            await until(alone, timeout=1)
        client.settimeout(2)
        received = b""
        with suppress(ConnectionResetError):
            while chunk := client.recv(65536):
                received = chunk
        assert not received.endswith(b"0\r\n\r\n")  # cut off, not ended


async def test_a_reader_that_stalls_with_little_waiting_is_dropped_after_a_time(
    worker: Worker, subscriber: Subscriber, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.listener.STUCK", 1.0)
    dropped = _dropped()
    words = tuple(f"{n:0300d}" for n in range(300))
    await told(database, *(hit(subscriber.id, words=words) for _ in range(99)))  # 9 MB, more than a socket holds
    with never_reading(worker.url, subscriber.headers | {"last-event-id": "0"}):

        async def gone() -> bool:
            return _dropped() > dropped

        await until(gone, timeout=6)


class Pipe(Connection):
    """A connection without a socket: takes what is written until it is full."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.cuts = 0
        self.room = 2

    @property
    def full(self) -> bool:
        return len(self.taken) >= self.room

    def write(self, chunk: bytes) -> None:
        self.taken.append(chunk)

    def abort(self) -> None:
        self.cuts += 1


def listener_on(pipe: Pipe) -> Listener:
    async def unused(message: object) -> None:
        raise AssertionError("a push does not go through the task")

    return Listener(subscriber_id=new_id(), token="", sent=0, send=unused, connection=pipe)


async def test_what_a_full_connection_does_not_take_waits_and_goes_on_in_order() -> None:
    pipe = Pipe()
    listener = listener_on(pipe)
    for number in (1, 2, 3, 4, 4, 5):
        listener.push(number, b"%d" % number)
    assert pipe.taken == [b"1", b"2"]
    pipe.room = 4
    listener.resumed()
    assert pipe.taken == [b"1", b"2", b"3", b"4"]
    pipe.room = 10
    listener.push(6, b"6")
    assert pipe.taken[4:] == []
    listener.resumed()
    listener.push(7, b"7")
    assert pipe.taken[4:] == [b"5", b"6", b"7"]


async def test_more_waiting_than_the_bound_cuts_the_connection() -> None:
    pipe = Pipe()
    listener = listener_on(pipe)
    for number in range(1, BOUND + 3):
        listener.push(number, b"x")
    assert pipe.cuts == 0
    listener.push(BOUND + 3, b"x")
    assert pipe.cuts == 1
    assert listener.ended_by == "too_slow"


async def test_whoever_lags_behind_what_others_were_offered_reads_on_before_joining_them() -> None:
    hub = Hub()
    ahead, behind, further = listener_on(Pipe()), listener_on(Pipe()), listener_on(Pipe())
    ahead.subscriber_id = behind.subscriber_id = further.subscriber_id = new_id()
    ahead.sent, behind.sent, further.sent = 5, 3, 7
    assert hub.joined(ahead)
    assert not hub.joined(behind)
    behind.sent = 5
    assert hub.joined(behind)
    assert hub.joined(further)


async def test_an_item_told_between_the_last_look_and_the_joining_is_not_left_to_the_net(
    worker: Worker, subscriber: Subscriber, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.hub.NET", float("inf"))
    monkeypatch.setattr(worker.hub._follower, "_apply", deaf)
    await told_hits(database, subscriber.id)
    pipe = Pipe()
    listener = listener_on(pipe)
    listener.subscriber_id, listener.token = subscriber.id, subscriber.headers["authorization"].partition(" ")[2]
    assert worker.hub.joined(listener)
    try:

        async def offered() -> bool:
            return len(pipe.taken) == 1

        await until(offered, timeout=2)
    finally:
        worker.hub.left(listener)


async def test_one_caller_may_not_take_all_streams(servers: Servers, subscriber: Subscriber, people: People) -> None:
    hub = Hub(Admission(per_caller=2, in_all=3))
    async with running(servers, instance=2, hub=hub) as worker, httpx.AsyncClient() as client:
        other = await people.account(subscriber.id)
        async with listening(worker.url, subscriber.headers), listening(worker.url, subscriber.headers):
            refused = await client.get(f"{worker.url}/stream", headers=subscriber.headers)
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_listeners")
            assert int(refused.headers["retry-after"]) > 0
            waiting = await client.get(f"{worker.url}/items?after=0&wait=5", headers=subscriber.headers)
            assert waiting.status_code == 429
            async with listening(worker.url, other):
                full = await client.get(f"{worker.url}/stream", headers=other)
                assert (full.status_code, full.json()["code"]) == (503, "unavailable")

        async def room() -> bool:
            return hub.admission.total == 0

        await until(room)
        async with listening(worker.url, subscriber.headers):
            assert metrics.sse_listeners._value.get() >= 1


async def test_the_end_of_the_process_ends_streams_and_waiting_pulls_at_once(
    servers: Servers, subscriber: Subscriber, people: People
) -> None:
    async with running(servers, instance=3) as worker, httpx.AsyncClient(timeout=30) as client:  # noqa: SIM117
        async with listening(worker.url, subscriber.headers) as stream:
            url = f"{worker.url}/items?after=0&wait=25"
            pull = asyncio.create_task(client.get(url, headers=await people.account(subscriber.id)))

            async def waits() -> bool:
                return any(channel.pulls for channel in worker.hub._channels.values())

            await until(waits)
            worker.server.should_exit = True
            await asyncio.wait_for(stream.ended.wait(), 1.5)
            assert stream.comments == ["closed, shutting_down"]
            answer = await asyncio.wait_for(pull, 1.5)
            assert answer.json() == {"items": [], "next": 0}


async def test_whoever_begins_to_wait_when_the_process_is_ending_already_is_answered_at_once(
    servers: Servers, subscriber: Subscriber, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, asking, goes_on = await people.account(subscriber.id), asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> int:
        asking.set()
        await goes_on.wait()
        return 0

    monkeypatch.setattr("feeds.api.last_number", slow)
    async with running(servers, instance=4) as worker, httpx.AsyncClient(timeout=30) as client:
        pull = asyncio.create_task(client.get(f"{worker.url}/items?after=0&wait=25", headers=headers))
        await asyncio.wait_for(asking.wait(), 10)
        worker.server.should_exit = True
        await until(lambda: true(not any(server.is_serving() for server in worker.server.servers)))
        goes_on.set()
        answer = await asyncio.wait_for(pull, 1.5)
        assert (answer.status_code, answer.json()) == (200, {"items": [], "next": 0})


async def test_what_is_not_ready_when_the_process_ends_is_told_to_come_again(
    servers: Servers, subscriber: Subscriber, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, asking = await people.account(subscriber.id), asyncio.Event()

    async def endless(*_: object) -> int:
        asking.set()
        await asyncio.sleep(60)
        return 0

    monkeypatch.setattr("feeds.api.last_number", endless)
    async with running(servers, instance=5) as worker, httpx.AsyncClient(timeout=30) as client:
        pull = asyncio.create_task(client.get(f"{worker.url}/items?after=0&wait=25", headers=headers))
        await asyncio.wait_for(asking.wait(), 10)
        worker.server.should_exit = True
        answer = await asyncio.wait_for(pull, 10)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0

"""The demonstration's client repeats what may be repeated and says clearly what was refused."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from deploy.demo.client import Client, DemoFailed, Refused, arrived, repeatable_key
from deploy.demo.latency import percentile
from deploy.demo.stream import events


def _client(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://alliance.example")
    return Client(http, token="token")


async def test_a_refusal_names_field_reason_and_remedy() -> None:
    problem = {
        "title": "Some fields are not right",
        "status": 422,
        "code": "invalid_input",
        "errors": [{"field": "title.zh", "code": "too_long", "message": "is too long", "remedy": "At most 300."}],
    }
    client = _client(lambda _: httpx.Response(422, json=problem))
    with pytest.raises(Refused) as refused:
        await client.post("/api/project_matching/v1/needs", {})
    for said in ("422", "invalid_input", "title.zh", "is too long", "At most 300."):
        assert said in str(refused.value)


async def test_a_busy_server_is_waited_for() -> None:
    answers = iter(
        [httpx.Response(503), httpx.Response(429, headers={"retry-after": "0"}), httpx.Response(200, json=1)]
    )
    assert (await _client(lambda _: next(answers)).get("/x")).body == 1


async def test_a_server_that_is_not_there_is_reported_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.client.PATIENCE_SECONDS", 0.2)

    def absent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(DemoFailed, match="does not answer"):
        await _client(absent).get("/x")


async def test_a_service_that_has_not_heard_of_somebody_yet_is_waited_for() -> None:
    answers = iter([httpx.Response(401), httpx.Response(403), httpx.Response(200, json=1)])
    client = _client(lambda _: next(answers))
    assert (await arrived(lambda: client.get("/x"))).body == 1


async def test_what_stays_refused_is_told_after_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.client.ARRIVAL_SECONDS", 0.1)
    with pytest.raises(Refused, match="403"):
        await arrived(lambda: _client(lambda _: httpx.Response(403, json={"title": "No"})).get("/x"))
    with pytest.raises(Refused, match="422"):
        await arrived(lambda: _client(lambda _: httpx.Response(422, json={"title": "Wrong"})).get("/x"))


async def test_a_repeated_post_bears_the_same_key_and_a_play_never_does() -> None:
    keys: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        return httpx.Response(201, json={})

    client = _client(note)
    for _ in range(2):
        await client.post("/x", {"a": 1}, reference="cfr/882.5950")
    for _ in range(2):
        await client.post("/x", {"a": 1})
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert repeatable_key("/x", "r", {"a": 1}) != repeatable_key("/x", "r", {"a": 2})


async def test_lists_are_read_page_by_page() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("cursor")
        return httpx.Response(200, json={"items": [3] if cursor else [1, 2], "next": None if cursor else "c"})

    assert [item async for item in _client(page).pages("/x", {"record": "demo"})] == [1, 2, 3]


async def test_events_are_read_as_the_standard_says() -> None:
    async def lines() -> AsyncIterator[str]:
        for line in (
            ": hello",
            "",
            "event: item",
            "id: 7",
            'data: {"a":',
            "data: 1}",
            "",
            "event: ping",
            "data: x",
            "",
        ):
            yield line

    assert [data async for data in events(lines())] == ['{"a":\n1}']


def test_percentiles_are_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7

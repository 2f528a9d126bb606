"""From the other services' topics to a subscriber's list, and the trace that leads through it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common import telemetry
from common.database import Database
from common.ids import new_id
from common.testing import send, until
from feeds.store import items_after, last_number
from tests.facts import admitted, answered, changed, hit, published, suggested
from tests.feeds.conftest import Subscriber, Worker, listening


async def test_every_kind_of_event_reaches_those_it_concerns(worker: Worker, producer: Any, database: Database) -> None:
    poster, enterprise = new_id(), new_id()
    events = [
        admitted(poster),
        admitted(enterprise),
        published(poster),
        changed(poster, returned=True),
        changed(poster, returned=False),
        hit(enterprise),
        suggested(enterprise, poster),
        answered(enterprise, poster),
        answered(enterprise, poster, by_need_side=True),
    ]
    await send(producer, *events)

    async def arrived() -> bool:
        return (await last_number(database, poster), await last_number(database, enterprise)) == (5, 4)

    await until(arrived, timeout=30)
    kinds = {
        who: sorted(row["kind"] for row in await items_after(database, who, 0, 10)) for who in (poster, enterprise)
    }
    assert kinds[poster] == [
        "match_answered",
        "match_suggested",
        "member_admitted",
        "need_published",
        "need_returned",
    ]
    assert kinds[enterprise] == ["match_answered", "match_suggested", "member_admitted", "subscription_hit"]


async def test_an_event_delivered_twice_is_told_once(worker: Worker, producer: Any, database: Database) -> None:
    subscriber = new_id()
    first = hit(subscriber)
    await send(producer, first, first, hit(subscriber))

    async def arrived() -> bool:
        return await last_number(database, subscriber) >= 2

    await until(arrived, timeout=20)
    assert len(await items_after(database, subscriber, 0, 10)) == 2


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Every span of this process while the test runs."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    monkeypatch.setattr(telemetry, "_recording", telemetry._recording)
    monkeypatch.setattr(telemetry, "_tracer", telemetry._tracer)
    exporter = InMemorySpanExporter()
    telemetry.configure_traces("feeds", exporter=exporter)
    yield exporter
    exporter.shutdown()


async def test_a_push_belongs_to_the_trace_of_the_request_that_caused_it(
    worker: Worker, producer: Any, subscriber: Subscriber, spans: InMemorySpanExporter
) -> None:
    causes = {}
    async with listening(worker.url, subscriber.headers) as stream:
        for _ in range(3):
            with telemetry.continued({}, "POST /api/project_matching/v1/needs", kind="server"):
                event = hit(subscriber.id)
                causes[str(event.need_id)] = telemetry.current_trace_id()
                await send(producer, event)
        await stream.has(3, timeout=20)

    async def pushed() -> bool:
        return len(_named(spans, "sse push")) == 3

    await until(pushed)
    assert len(set(causes.values())) == 3
    for name in ("tell_whom_it_concerns", "add item", "sse push"):
        assert {_trace(span) for span in _named(spans, name)} == set(causes.values()), name
    told_in_order = [causes[item["subject"]["id"]] for item in stream.items]
    assert [_trace(span) for span in sorted(_named(spans, "sse push"), key=_began)] == told_in_order


def _named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.name == name]


def _trace(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def _began(span: ReadableSpan) -> int:
    return span.start_time or 0


async def test_feeds_shows_how_many_listen(worker: Worker, subscriber: Subscriber) -> None:
    address = worker.url.removesuffix("/api/feeds/v1")
    async with httpx.AsyncClient() as client, listening(worker.url, subscriber.headers):
        text = (await client.get(f"{address}/metrics")).text
    assert "alliance_sse_listeners 1.0" in text
    assert "alliance_sse_dropped_total" in text

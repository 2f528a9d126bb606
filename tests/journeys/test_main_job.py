"""The main job across all services: a need in Chinese becomes an item on a live feed, as one trace."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common import telemetry
from common.ids import new_id
from common.testing import until
from tests.journeys.building import FEEDS, MATCHING, REGISTRY, done, made, need, organisation, person
from tests.journeys.conftest import Alliance, Person

NEED: dict[str, Any] = {
    "title": {"zh": "降低宽颈动脉瘤栓塞后的复发"},
    "problem": {"zh": "使弹簧圈稳定留在动脉瘤内"},
    "population": {"zh": "宽颈动脉瘤患者"},
    "outcome": {"zh": "一年内无需再次治疗"},
    "workflow_step": {"zh": "血管内栓塞：弹簧圈释放"},
    "specialty": "aneurysm",
    "achievement_type": "consumable",
    "wanted": ["enterprise"],
    "disclosure": "summary",
}
COILS = {
    "title": {"en": "Detachable coil"},
    "text": {"en": "Detachable coils for embolisation of wide-neck aneurysms with stable packing and few recurrences"},
    "specialty": "aneurysm",
}
WISH = {"name": {"zh": "动脉瘤", "en": "Aneurysms"}, "specialties": ["aneurysm"]}


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    """All spans of all services of this process."""
    monkeypatch.setattr(telemetry, "_recording", False)
    monkeypatch.setattr(telemetry, "_tracer", telemetry._tracer)
    exporter = InMemorySpanExporter()
    provider = telemetry.configure_traces("test", exporter=exporter)
    assert provider is not None
    yield provider, exporter
    provider.shutdown()


async def _sides(alliance: Alliance) -> tuple[Person, Person, Person, str]:
    """The secretariat, a doctor, an engineer of an English-speaking enterprise, and that enterprise."""
    name = new_id().hex[-12:]
    secretariat = await alliance.secretariat()
    hospital = await organisation(secretariat, "hospital", f"虚构医院{name}", f"Fictional hospital {name}")
    enterprise = await organisation(secretariat, "enterprise", None, f"Fictional devices {name}", items=[COILS])
    doctor = await person(alliance, secretariat, hospital, f"doctor-{name}")
    engineer = await person(alliance, secretariat, enterprise, f"engineer-{name}")
    await made(engineer, f"{MATCHING}/subscriptions", WISH)
    return secretariat, doctor, engineer, enterprise


@asynccontextmanager
async def _stream(alliance: Alliance, who: Person) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
    """The items of a live feed, as they arrive."""
    items: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    opened = asyncio.Event()

    async def read() -> None:
        async with (
            httpx.AsyncClient(timeout=None) as client,
            client.stream("GET", f"{alliance.url}/api/{FEEDS}/stream", headers=who.headers()) as answer,
        ):
            assert answer.status_code == 200
            opened.set()
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    items.put_nowait(json.loads(line[5:]))

    task = asyncio.create_task(read())
    await asyncio.wait_for(opened.wait(), 10)
    try:
        yield items
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _item(items: asyncio.Queue[dict[str, Any]], kind: str, need_id: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            item = await items.get()
            if item["kind"] == kind and (kind != "subscription_hit" or item["subject"]["id"] == need_id):
                return item


async def test_a_chinese_need_reaches_an_english_enterprise_live_by_pull_and_explained(alliance: Alliance) -> None:
    secretariat, doctor, engineer, enterprise = await _sides(alliance)
    async with _stream(alliance, engineer) as items:
        need_id = await need(doctor, NEED)
        await done(secretariat, f"{MATCHING}/needs/{need_id}/publish")
        item = await _item(items, "subscription_hit", need_id)
    pulled = (await engineer.get(f"{FEEDS}/items", after=item["number"] - 1)).json()["items"]
    assert pulled[0] == item

    async def mine_of_all() -> list[dict[str, Any]]:
        found = (await secretariat.get(f"{MATCHING}/needs/{need_id}/suggestions", limit=100)).json()["items"]
        return [one for one in found if one["organisation"]["id"] == enterprise]

    async def explained() -> bool:
        return bool(await mine_of_all())

    await until(explained, timeout=60)  # accounts are given one after the other
    (mine,) = await mine_of_all()
    assert any("动脉瘤" in word["need"] and "aneurysm" in word["profile"] for word in mine["words"])
    assert {facet["code"] for facet in mine["facets"]} >= {"text", "specialty", "collaboration"}


async def test_from_the_post_to_the_item_on_the_stream_it_is_one_trace(
    alliance: Alliance, spans: tuple[TracerProvider, InMemorySpanExporter]
) -> None:
    secretariat, doctor, engineer, _ = await _sides(alliance)
    async with _stream(alliance, engineer) as items:
        need_id = await need(doctor, NEED)
        trace_id = f"{new_id().int & ((1 << 128) - 1):032x}"
        answer = await alliance.client.post(
            f"/api/{MATCHING}/needs/{need_id}/publish",
            headers=secretariat.headers()
            | {"idempotency-key": str(new_id()), "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"},
        )
        assert answer.status_code == 200, answer.text
        await _item(items, "subscription_hit", need_id)
    provider, exporter = spans
    names: set[str] = set()

    async def complete() -> bool:
        await asyncio.to_thread(provider.force_flush)
        found = [span for span in exporter.get_finished_spans() if f"{span.context.trace_id:032x}" == trace_id]
        names.update(span.name for span in found)
        return any("push" in name for name in names)

    await until(complete, timeout=15)
    assert any(name.startswith("POST") for name in names)
    assert {"transaction", "match_need"} <= names
    assert any(name.startswith("publish org.alliance.project_matching.need.published") for name in names)
    assert any(name.startswith("publish org.alliance.project_matching.hit.found") for name in names)


async def test_a_suspended_member_is_shut_out_of_every_service_within_a_second(alliance: Alliance) -> None:
    secretariat, _, engineer, enterprise = await _sides(alliance)
    doors = (f"{MATCHING}/subscriptions", f"{FEEDS}/items")
    await until(lambda: _shows_something(engineer, doors[0]))
    assert (await engineer.get(doors[1])).status_code == 200
    reason = {"state": "suspended", "reason": {"zh": "测试", "en": "test"}}
    answer = await secretariat.post(f"{REGISTRY}/organisations/{enterprise}/state", reason)
    assert answer.status_code == 200, answer.text
    await asyncio.sleep(1)
    for door in doors:
        assert not await _shows_something(engineer, door)


async def _shows_something(who: Person, door: str) -> bool:
    """Whether there is anything behind a door: a list may be open and empty for somebody who acts for nobody."""
    answer = await who.get(door)
    return answer.status_code == 200 and bool(answer.json()["items"])


async def test_another_members_things_are_not_there(alliance: Alliance) -> None:
    _, doctor, _, _ = await _sides(alliance)
    _, other, stranger, _ = await _sides(alliance)
    draft = await made(doctor, f"{MATCHING}/needs", NEED)
    for who in (other, stranger):
        assert (await who.get(f"{MATCHING}/needs/{draft}")).status_code == 404
        assert (await who.put(f"{MATCHING}/needs/{draft}", NEED, version=1)).status_code in (403, 404)

"""Plays the main job once: a hospital posts a need, it is published, matched, explained and delivered live."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import httpx
from rich.console import Console

from deploy.demo import show
from deploy.demo.address import first_secretariat
from deploy.demo.client import FEEDS, MATCHING, Client, DemoFailed, Json, arrived
from deploy.demo.dataset import Dataset, Record
from deploy.demo.seal import PASSWORD, SUBSCRIBER, ensure_subscription
from deploy.demo.stream import latest_number, listening, pulled
from deploy.words import Words

MATCHES = 10
PLAYED = tuple(
    f"demo/{name}"
    for name in (
        "aneurysm-neck",
        "stroke-distal-emboli",
        "icas-restenosis",
        "stroke-prehospital",
        "access-siphon",
        "csdh-mma",
        "imaging-dose",
        "icas-hemodynamics",
        "robot-remote",
        "avm-reflux",
    )
)
"""The written needs that are played, in turn: those for which the demonstration holds ten or more counterparts."""
SECONDS = 60.0
"""How long something may take that the services do on their own; right after a load they still have work in hand."""
QUIET = 20.0
"""How long no further suggestion may come before fewer than ten count as all there are."""


async def play(http: httpx.AsyncClient, data: Dataset, console: Console) -> None:
    """Every step of the main job, printed as it happens; raises DemoFailed at the step that fails."""
    show.step(
        console,
        1,
        Words("企业登录，订阅神经介入需求，打开实时推送", "An enterprise subscribes and opens its live feed"),
    )
    enterprise = await Client.sign_in(http, SUBSCRIBER, PASSWORD)
    subscription = await arrived(lambda: ensure_subscription(enterprise))
    console.print(f"  {show.both(subscription['name'])}")
    secretariat = await Client.sign_in(http, *first_secretariat())
    async with listening(enterprise, await arrived(lambda: latest_number(enterprise))) as feed:
        show.step(
            console,
            2,
            Words("虚构的示例医院用中文发布一条新需求", "A fictional hospital posts a fresh need in Chinese"),
        )
        need = await post(http, data, fresh(data))
        console.print(show.need_panel(need))
        show.step(console, 3, Words("秘书处发布这条需求", "The secretariat publishes it"))
        started = time.monotonic()
        await secretariat.post(f"{MATCHING}/needs/{need['id']}/publish")
        answered = time.monotonic()
        came, item = await feed.first(about(need["id"]), seconds=SECONDS)
    console.print(f"  POST …/publish: {(answered - started) * 1000:.0f} ms")
    with console.status(str(Words("等待匹配的理由", "waiting for the reasons"))):
        found = await matches(secretariat, need["id"])
    show.step(console, 4, Words(f"{len(found)} 个最佳匹配及其理由", f"The {len(found)} best matches and their reasons"))
    for rank, match in enumerate(found, start=1):
        console.print(show.match_panel(rank, match))
    show.step(console, 5, Words("企业的实时推送收到这条需求", "It has arrived on the enterprise's live feed"))
    console.print(f"  {item['kind']} no. {item['number']}: {show.both(item['title'])}", markup=False)
    console.print(f"  POST → SSE: [bold green]{(came - started) * 1000:.0f} ms[/]")
    show.step(console, 6, Words("主动拉取得到同一条", "The same item by pull"))
    if await pulled(enterprise, item["number"]) != item:
        number = item["number"]
        raise DemoFailed(
            Words(f"第 {number} 条在推送与拉取中不同", f"item {number} differs between live feed and pull")
        )
    console.print(f"  GET {FEEDS}/items?after={item['number'] - 1}: {Words('内容一致', 'identical')}")


def fresh(data: Dataset) -> Record:
    """One of the written needs, in turn, under a title that nobody can take for another run's."""
    now = datetime.now().astimezone()
    reference = PLAYED[int(now.timestamp()) % len(PLAYED)]
    need = next(need for need in data.demo_needs if need["reference"] == reference)
    stamp = now.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    title = {"zh": f"{need['title']['zh']}（{stamp}）", "en": f"{need['title']['en']} ({stamp})"}
    return {**need, "title": title, "disclosure": "summary"}


async def post(http: httpx.AsyncClient, data: Dataset, need: Record) -> Json:
    """The hospital's representative drafts and submits the need; returns it as submitted."""
    account = data.representative_of(need["organisation"])
    hospital = await Client.sign_in(http, account["email"], PASSWORD)
    body = {key: value for key, value in need.items() if key not in ("reference", "organisation")}
    draft = (await hospital.post(f"{MATCHING}/needs", body)).body
    await hospital.post(f"{MATCHING}/needs/{draft['id']}/submit")
    return (await hospital.get(f"{MATCHING}/needs/{draft['id']}")).body


def about(need_id: str) -> Callable[[Json], bool]:
    """Finds the item that tells of this need through the subscription."""

    def wanted(item: Json) -> bool:
        return bool(item["kind"] == "subscription_hit" and item["subject"]["id"] == need_id)

    return wanted


async def matches(client: Client, need_id: str) -> list[Json]:
    """The best suggestions, best first: as soon as there are ten, or no more have come for a while."""
    path, found, changed = f"{MATCHING}/needs/{need_id}/suggestions", list[Json](), time.monotonic()
    while len(found) < MATCHES and time.monotonic() < changed + (QUIET if found else SECONDS):
        await asyncio.sleep(0.1)
        now = (await client.get(path, {"limit": MATCHES})).body["items"]
        if len(now) != len(found):
            found, changed = list(now), time.monotonic()
    if not found:
        raise DemoFailed(Words(f"{SECONDS:.0f} 秒内没有匹配建议", f"no match was suggested within {SECONDS:.0f} s"))
    return found

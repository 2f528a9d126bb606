"""Measures how long a published need takes to the live feed of a subscriber: POST (publish) to SSE arrival."""

import time

import httpx
from rich.console import Console
from rich.progress import track

from deploy.demo.address import first_secretariat
from deploy.demo.client import MATCHING, Client
from deploy.demo.dataset import Dataset
from deploy.demo.play import SECONDS, about, fresh, post
from deploy.demo.seal import PASSWORD, SUBSCRIBER, ensure_subscription
from deploy.demo.stream import latest_number, listening
from deploy.words import Words


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


async def measure(http: httpx.AsyncClient, data: Dataset, console: Console, needs: int) -> list[float]:
    """Milliseconds from the publish request to the item's arrival, one need after the other."""
    enterprise = await Client.sign_in(http, SUBSCRIBER, PASSWORD)
    await ensure_subscription(enterprise)
    secretariat = await Client.sign_in(http, *first_secretariat())
    times = []
    async with listening(enterprise, await latest_number(enterprise)) as feed:
        for _ in track(range(needs), description=str(Words("需求", "needs")), console=console):
            need = await post(http, data, fresh(data))
            started = time.monotonic()
            await secretariat.post(f"{MATCHING}/needs/{need['id']}/publish")
            at, _item = await feed.first(about(need["id"]), seconds=SECONDS)
            times.append((at - started) * 1000)
    figures = f"p50 {percentile(times, 0.5):.0f} ms, p99 {percentile(times, 0.99):.0f} ms, max {max(times):.0f} ms"
    console.print(
        str(Words(f"{needs} 条需求，从 POST 到 SSE：{figures}", f"POST to SSE over {needs} needs: {figures}"))
    )
    return times

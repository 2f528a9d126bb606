"""The live feed: a page of items, and the stream that puts new ones on top while the page is open."""

from typing import Any

import httpx
import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from portal.clients import Unreachable
from portal.gateway import until_gone
from portal.visit import SignedIn, Visit

router = APIRouter()

SERVICE = "feeds"
TIMEOUT = httpx.Timeout(connect=2.0, read=60.0, write=10.0, pool=5.0)


@router.get("/feed")
async def feed(visit: SignedIn, after: int | None = None) -> Response:
    """What has reached this subscriber; the stream goes on exactly where the page ends."""
    page = await visit.get(SERVICE, "/items", limit=50, after=after)
    items = sorted(page["items"], key=lambda item: int(item["number"]), reverse=True)
    return visit.page("feed.html", items=items, last=page["next"])


@router.get("/feed/stream")
async def stream(visit: SignedIn, request: Request, after: int = 0) -> Response:
    """The feeds service's events as rows of HTML; Last-Event-ID wins over `after` when the browser comes back."""
    last = request.headers.get("last-event-id", "")
    return Relay(visit, last if last.isascii() and last.isdigit() else str(after))


class Relay(Response):
    """Relays an upstream event stream; ends when the browser leaves or the service ends it."""

    def __init__(self, visit: Visit, last: str) -> None:
        super().__init__()
        self.visit = visit
        self.last = last

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        client = self.visit.console.upstreams.clients.get(SERVICE)
        if client is None:
            raise Unreachable(SERVICE)
        headers = self.visit.caller().headers() | {"Accept": "text/event-stream", "Last-Event-ID": self.last}
        address = f"/api/{SERVICE}/v1/stream"
        request = client.build_request("GET", address, headers=headers, timeout=TIMEOUT)
        try:
            upstream = await client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise Unreachable(SERVICE) from error
        try:
            if upstream.status_code != 200:
                raise Unreachable(SERVICE)
            await until_gone(receive, self._relay(upstream, send))
        finally:
            await upstream.aclose()

    async def _relay(self, upstream: httpx.Response, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        event: dict[str, str] = {}
        try:
            async for line in upstream.aiter_lines():
                if line.startswith(":"):
                    await _write(send, ": still here\n\n")
                elif line:
                    name, _, value = line.partition(":")
                    event[name] = value.removeprefix(" ")
                elif event:
                    await _write(send, self.rendered(event))
                    event = {}
        except httpx.HTTPError:
            pass  # the browser reconnects by itself with the last number it has
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def rendered(self, event: dict[str, str]) -> str:
        """One event as the browser swaps it in: an id to come back with, and a row if it is an item."""
        if event.get("event") != "item" or "data" not in event:
            return "".join(f"{name}: {event[name]}\n" for name in ("id", "retry") if name in event) + "\n"
        item: Any = orjson.loads(event["data"])
        row = self.visit.fragment("feed_item.html", item=item, new=True)
        lines = "".join(f"data: {line}\n" for line in row.splitlines() if line.strip())
        return f"id: {event.get('id', item['number'])}\n{lines}\n"


async def _write(send: Send, text: str) -> None:
    if text:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

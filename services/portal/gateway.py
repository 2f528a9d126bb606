"""Passes `/api/<service>/…` on to that service unchanged, as a stream: bodies, long polls and event streams alike."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import httpx
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from common import telemetry
from common.errors import AllianceError, NotFound, Unavailable
from common.http.call import language_of
from common.http.problems import problem
from common.text import Bilingual

# RFC 9110 7.6.1: these belong to one connection. The cookie is the console's and no service's business.
NOT_PASSED_ON = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "host", "cookie", "expect", "proxy-connection"}
)
# The portal's own server and edge put these on every answer; the request id is the same on both sides.
NOT_PASSED_BACK = NOT_PASSED_ON | {"set-cookie", "date", "server", "x-request-id"}

# A listener may hear nothing for longer than any other answer takes; the services send a sign of life well within it.
TIMEOUT = httpx.Timeout(connect=2.0, read=60.0, write=30.0, pool=5.0)


class NotAnswering(Unavailable):
    """The service could not be reached."""

    status, code = 502, "service_unreachable"
    title = Bilingual(zh="服务无法连接", en="The service cannot be reached")


class TooSlow(Unavailable):
    """The service did not answer in time."""

    status, code = 504, "service_too_slow"
    title = Bilingual(zh="服务响应超时", en="The service took too long")


class Gateway:
    """An ASGI application to be mounted at `/api`."""

    def __init__(self, clients: Mapping[str, httpx.AsyncClient]) -> None:
        self.clients = clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        started = False

        async def watched(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._pass(request, watched)
        except AllianceError as error:
            if started:  # half an answer is out already: cutting the connection is the only honest end
                raise
            language = language_of(request.headers.get("accept-language"))
            await problem(error, language, getattr(request.state, "request_id", "-"))(scope, receive, send)
        except ClientDisconnect:
            return

    async def _pass(self, request: Request, send: Send) -> None:
        service = str(request.scope["path"]).removeprefix("/api/").split("/", 1)[0]
        client = self.clients.get(service)
        if client is None:
            raise NotFound(Bilingual(zh="没有这个服务。", en="There is no such service."))
        url = client.base_url.copy_with(raw_path=_target(request.scope))
        own = {"x-request-id": getattr(request.state, "request_id", ""), **telemetry.outgoing_context()}
        own["x-forwarded-for"] = request.client.host if request.client else ""
        headers = _passed(request.headers, NOT_PASSED_ON | own.keys())
        headers += [(name.encode(), value.encode()) for name, value in own.items() if value]
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        content = request.stream() if has_body else None
        outgoing = client.build_request(request.method, url, headers=headers, content=content, timeout=TIMEOUT)
        try:
            answer = await client.send(outgoing, stream=True)
        except httpx.TimeoutException as error:
            raise TooSlow from error
        except httpx.HTTPError as error:
            raise NotAnswering from error
        try:
            await until_gone(request.receive, self._answer(answer, send))
        finally:
            await answer.aclose()

    async def _answer(self, answer: httpx.Response, send: Send) -> None:
        raw = [(name.lower(), value) for name, value in answer.headers.raw]
        headers = [(name, value) for name, value in raw if name.decode("latin-1") not in NOT_PASSED_BACK]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        try:
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except httpx.HTTPError:
            return  # the service broke off in the middle: so does this answer, and the client sees it is incomplete
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def until_gone(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Does the work until it is done or the client has hung up, whichever comes first."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        unfinished = [task for task in (working, leaving) if not task.done()]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
    if working.done() and not working.cancelled():
        working.result()


def _target(scope: Scope) -> bytes:
    """Path and query exactly as they came, percent signs and all."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string") or b""
    return raw.split(b"?", 1)[0] + (b"?" + query if query else b"")


def _passed(headers: Headers, dropped: frozenset[str]) -> list[tuple[bytes, bytes]]:
    """End-to-end headers only; what `Connection` names is dropped too."""
    named = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    gone = dropped | named
    return [(name, value) for name, value in headers.raw if name.decode("latin-1").lower() not in gone]

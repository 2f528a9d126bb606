"""The outermost layer of every service: request id, trace, size and rate limits, safe headers, one log line."""

import asyncio
import contextlib
import ipaddress
import re
import time
from secrets import token_hex
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common import metrics, telemetry
from common.errors import AllianceError, TooLarge, TooManyRequests, Unavailable
from common.http.call import language_of
from common.http.problems import problem
from common.settings import Settings
from common.telemetry import log
from common.text import Bilingual

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
_QUIET = ("/health/", "/metrics")


class _Rates:
    """A token bucket a caller: `rate` requests a second, twice as many at once; the last 10 000 callers are known."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets: dict[bytes, tuple[float, float]] = {}

    def allow(self, caller: bytes) -> bool:
        now = time.monotonic()
        tokens = self._left(caller, now)
        self._buckets.pop(caller, None)
        if len(self._buckets) >= 10_000:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[caller] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1

    def spent(self, caller: bytes) -> bool:
        """Whether this caller would be refused; takes nothing."""
        return caller in self._buckets and self._left(caller, time.monotonic()) < 1

    def _left(self, caller: bytes, now: float) -> float:
        tokens, since = self._buckets.get(caller, (2.0 * self._rate, now))
        return min(2.0 * self._rate, tokens + (now - since) * self._rate)


class Edge:
    """Raw ASGI, because every request of every service pays for it."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._body_limit = settings.body_limit
        self._rates = _Rates(settings.rate_limit)
        self._safe = [*_SAFE, _HTTPS_ONLY] if settings.public_url.startswith("https://") else _SAFE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        carrier = {name: headers[name.encode()].decode("latin-1") for name in _TRACE if name.encode() in headers}
        structlog.contextvars.bind_contextvars(request_id=request_id)
        with telemetry.continued(carrier, f"{scope['method']} {scope['path']}", kind="server"):
            await self._limited(scope, headers, receive, _Answer(send, request_id, scope, self))

    async def _limited(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, answer: "_Answer") -> None:
        refusal: AllianceError | None = self._refusal(scope, headers)
        if refusal is None:
            try:
                await self._app(scope, _Counted(receive, self._body_limit), answer)
            except asyncio.CancelledError:  # the process is ending and its last seconds are over
                if answer.begun:
                    raise
                refusal = Unavailable()
        if refusal is not None:
            language = language_of(headers.get(b"accept-language", b"").decode("latin-1"))
            await problem(refusal, language, answer.request_id)(scope, receive, answer)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> TooLarge | TooManyRequests | None:
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._body_limit:
            return _too_large(self._body_limit)
        if scope["path"].startswith(_QUIET):
            return None
        token, address = headers.get(b"authorization"), _network(scope)
        refused = self._rates.spent(address) or not self._rates.allow(token[-64:] if token else address)
        return TooManyRequests() if refused else None

    def answered(self, scope: Scope, status: int) -> list[tuple[bytes, bytes]]:
        """The safe headers. Tokens that are none count for the address: inventing new ones is no way around."""
        if status == 401:
            self._rates.allow(_network(scope))
        return self._safe


_TRACE = ("traceparent", "tracestate")


def _network(scope: Scope) -> bytes:
    """Where a request comes from; of an IPv6 address the /64 that one subscriber has."""
    host = str((scope.get("client") or ("",))[0])
    if ":" in host:
        with contextlib.suppress(ValueError):
            host = str(ipaddress.ip_network((host, 64), strict=False))
    return host.encode()


def _too_large(limit: int) -> TooLarge:
    return TooLarge(Bilingual(zh=f"请求体最多 {limit} 字节。", en=f"A body may have {limit} bytes at most."))


class _Counted:
    """The incoming body, counted while it is read."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                # The one kind of exception that FastAPI lets through while it reads a body.
                raise HTTPException(413)
        return message


class _Answer:
    """The outgoing answer: adds the safe headers and the request id, and writes the log line at its end."""

    def __init__(self, send: Send, request_id: str, scope: Scope, edge: Edge) -> None:
        self._send = send
        self._scope = scope
        self._edge = edge
        self._began = time.perf_counter()
        self._status = 0
        self.request_id = request_id

    @property
    def begun(self) -> bool:
        return self._status > 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            present = {name for name, _ in message["headers"]}
            safe = self._edge.answered(self._scope, self._status)
            message["headers"] = [
                *message["headers"],
                *((name, value) for name, value in safe if name not in present),
                (b"x-request-id", self.request_id.encode()),
            ]
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._finished()

    def _finished(self) -> None:
        seconds = time.perf_counter() - self._began
        metrics.requests.labels(self._scope["method"], str(self._status)).inc()
        metrics.request_seconds.observe(seconds)
        if not self._scope["path"].startswith(_QUIET):
            entry: dict[str, Any] = {"status": self._status, "milliseconds": round(seconds * 1000, 1)}
            log.info("request", method=self._scope["method"], path=self._scope["path"], **entry)

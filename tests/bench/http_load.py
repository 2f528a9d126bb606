"""POSTs over kept connections, as fast as they are answered, by a client that costs the machine little."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from common.ids import new_id

Request: TypeAlias = Callable[[], bytes]
"""Makes the bytes of the next request."""


@dataclass
class Told:
    """What was answered."""

    answers: int = 0
    refused: int = 0
    milliseconds: list[float] = field(default_factory=list)


def request_of(path: str, headers: dict[str, str], body: bytes) -> Request:
    """The same each time with an Idempotency-Key of its own each time."""
    given = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    start = f"POST {path} HTTP/1.1\r\nhost: bench\r\n{given}content-type: application/json\r\n"
    first = f"{start}content-length: {len(body)}\r\nidempotency-key: ".encode()
    return lambda: b"%b%s\r\n\r\n%b" % (first, str(new_id()).encode(), body)


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one has been answered."""

    def __init__(self, request: Request, until: float, told: Told) -> None:
        self._request, self._until, self._told = request, until, told
        self._received = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        self._received, self._sent = b"", time.perf_counter()
        self._transport.write(self._request())

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self._told.answers += 1
        self._told.refused += not head.startswith(b"HTTP/1.1 201")
        self._told.milliseconds.append(1000 * (time.perf_counter() - self._sent))
        if time.perf_counter() < self._until:
            self._next()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0] or 0)


async def post(port: int, request: Request, *, connections: int, seconds: float) -> Told:
    """So many at once for so long."""
    told = Told()
    loop, until = asyncio.get_running_loop(), time.perf_counter() + seconds
    opened = [
        await loop.create_connection(lambda: _Connection(request, until, told), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.ended for _, connection in opened))
    return told

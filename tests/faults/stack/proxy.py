"""A TCP proxy between one process and one server: it can lose what passes, refuse, and be slow, also one way only."""

import asyncio
import contextlib
import socket
import struct
from typing import Literal

Way = Literal["up", "down"]
HOST = "127.0.0.1"
_AT_ONCE_WITH_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Carries bytes both ways. While a way is closed they wait in the network, as they do behind a broken router.

    `held` and `refused` count what a fault has met, so that a fault that met nothing is noticed.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self.target = target
        self.delay = 0.0
        self.resetting = False
        self.held = 0
        self.refused = 0
        self.delayed = 0
        self._open: dict[Way, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._connections: set[asyncio.Task[None]] = set()
        self._sockets: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.heal()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accepted, HOST, self.port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self._cut()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def lose(self, *ways: Way) -> None:
        """Nothing passes these ways any more, without a word to either side."""
        for way in ways or ("up", "down"):
            self._open[way].clear()

    def reset(self) -> None:
        """Every connection is reset, new ones too."""
        self.resetting = True
        self.refused += len(self._sockets)
        self._cut()

    def heal(self) -> None:
        self.resetting, self.delay = False, 0.0
        for way in self._open.values():
            way.set()

    def _cut(self) -> None:
        for writer in self._sockets:
            _reset(writer)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._sockets.add(writer)
        try:
            await self._carry(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # either side has gone; or the run ends
        finally:
            self._sockets.discard(writer)
            self._connections.discard(task)
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.resetting:
            self.refused += 1
            _reset(writer)
            return
        await self._open["up"].wait()
        far_reader, far_writer = await asyncio.open_connection(HOST, self.target)
        self._sockets.add(far_writer)
        ways = [
            asyncio.create_task(self._pump(reader, far_writer, "up")),
            asyncio.create_task(self._pump(far_reader, writer, "down")),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._sockets.discard(far_writer)
            far_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
        while data := await reader.read(65536):
            if not self._open[way].is_set():
                self.held += 1
                await self._open[way].wait()
            if self.delay:
                self.delayed += 1
                await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE_WITH_RESET)
    writer.transport.abort()

"""The server's connection as an event stream needs it: written to past the task, cut, and asked when it ends."""

from collections.abc import MutableMapping
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NAME = "alliance.connection"


class Watcher(Protocol):
    """Whoever answers over a connection for long."""

    def resumed(self) -> None:
        """The client reads again."""

    def lost(self) -> None:
        """The client has gone."""

    def ending(self) -> None:
        """The process is ending."""


class Connection(HttpToolsProtocol):
    """uvicorn's own, reachable through the request's scope, with what ASGI has no words for.

    Writing a push through the task of each of 1000 listeners costs three times what the connections themselves cost;
    a client that does not read would keep its buffers until its machine gives up; and a stream would learn of its
    client's leaving from one more task, and of the end of the process only when its time is over.
    """

    __slots__ = ("_ends", "_watcher")  # one more in its dictionary would cost every connection 1.5 KiB

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._watcher: Watcher | None = None
        self._ends = False

    def watch(self, watcher: Watcher) -> None:
        """Tell this one from now on what happens; at once, what has happened before anybody watched."""
        self._watcher = watcher
        if self.transport.is_closing():
            watcher.lost()
        elif self._ends:
            watcher.ending()

    def unwatch(self) -> None:
        """The answer is over."""
        self._watcher = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_NAME: self}  # type: ignore[dict-item]  # an extension of our own

    @property
    def full(self) -> bool:
        """Whether the client has not read for so long that no more is taken; the watcher hears when it does."""
        return self.flow.write_paused

    def write(self, chunk: bytes) -> None:
        """Send a chunk (see `chunk_of`) of a body whose start was sent by the application."""
        self.transport.write(chunk)

    def abort(self) -> None:
        """Cut the connection and forget what was not yet sent."""
        self.transport.abort()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._watcher:
            self._watcher.resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._watcher:
            self._watcher.lost()

    def shutdown(self) -> None:
        super().shutdown()
        self._ends = True
        if self._watcher:
            self._watcher.ending()


def connection_of(scope: MutableMapping[str, Any]) -> Connection | None:
    """The connection of this request, None under a server that was not set up as `common.serving` does."""
    found = (scope.get("extensions") or {}).get(_NAME)
    return found if isinstance(found, Connection) else None


def chunk_of(content: bytes) -> bytes:
    """A part of a body as HTTP/1.1 sends it (RFC 9112, 7.1); encoded once, written to many."""
    return b"%x\r\n%b\r\n" % (len(content), content)

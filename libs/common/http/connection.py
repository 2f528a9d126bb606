"""The server's connection as an event stream needs it: written to past the task, cut, and asked when it ends."""

from collections.abc import Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NAME = "alliance.connection"


class Connection(HttpToolsProtocol):
    """uvicorn's own, reachable through the request's scope, with what ASGI has no words for.

    Writing a push through the task of each of 1000 listeners costs three times what the connections themselves cost;
    a client that does not read would keep its buffers until its machine gives up; and a stream would learn of its
    client's leaving from one more task, and of the end of the process only when its time is over.
    """

    resumed: Callable[[], None] | None = None
    lost: Callable[[], None] | None = None
    ending: Callable[[], None] | None = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_NAME: self}  # type: ignore[dict-item]  # an extension of our own

    @property
    def full(self) -> bool:
        """Whether the client has not read for so long that no more is taken; `resumed` is called when it has."""
        return self.flow.write_paused

    def write(self, chunk: bytes) -> None:
        """Send a chunk (see `chunk_of`) of a body whose start was sent by the application."""
        self.transport.write(chunk)

    def abort(self) -> None:
        """Cut the connection and forget what was not yet sent."""
        self.transport.abort()

    def listen(
        self,
        *,
        resumed: Callable[[], None] | None = None,
        lost: Callable[[], None] | None = None,
        ending: Callable[[], None] | None = None,
    ) -> None:
        """What to call when the client reads again, when it has gone, and when the process is ending."""
        self.resumed, self.lost, self.ending = resumed, lost, ending

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.resumed:
            self.resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.lost:
            self.lost()

    def shutdown(self) -> None:
        super().shutdown()
        if self.ending:
            self.ending()


def connection_of(scope: MutableMapping[str, Any]) -> Connection:
    """The connection of this request; LookupError under a server that was not set up as `common.serving` does."""
    found = (scope.get("extensions") or {}).get(_NAME)
    if not isinstance(found, Connection):
        raise LookupError("not served through common.http.connection.Connection")
    return found


def chunk_of(content: bytes) -> bytes:
    """A part of a body as HTTP/1.1 sends it (RFC 9112, 7.1); encoded once, written to many."""
    return b"%x\r\n%b\r\n" % (len(content), content)

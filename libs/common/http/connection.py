"""The server's connection as an event stream needs it: it can be cut, and it tells when the process is ending."""

from collections.abc import Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NAME = "alliance.connection"


class Connection(HttpToolsProtocol):
    """uvicorn's own, reachable through the request's scope.

    Without it a client that does not read keeps its buffers until its machine gives up, and a stream learns of the
    end of the process only when its time is over.
    """

    ending: Callable[[], None] | None = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_NAME: self}  # type: ignore[dict-item]  # an extension of our own

    def abort(self) -> None:
        """Cut the connection and forget what was not yet sent."""
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        if self.ending:
            self.ending()


def connection_of(scope: MutableMapping[str, Any]) -> Connection | None:
    """The connection of this request, None under another server."""
    found = (scope.get("extensions") or {}).get(_NAME)
    return found if isinstance(found, Connection) else None

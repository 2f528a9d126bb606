"""The way of a request into a service: to a stream, straight to an endpoint, or to FastAPI with everything else."""

from collections.abc import Awaitable, Mapping, Sequence
from re import Pattern

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from common.http.api import StrictRoute
from common.http.endpoint import Endpoint, callable_straight


class Routes:
    """FastAPI's layers cost a post a third of its time, and an open stream 6 KiB; both are spared them (decision 0020).

    What comes here is decided as FastAPI decides it: the first route with this method whose path fits. All that no
    endpoint is found for (another path, another method, the documents, the health pages) is FastAPI's to answer.
    """

    def __init__(self, app: FastAPI, routers: Sequence[APIRouter], streams: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._streams = streams
        self._endpoints: dict[str, list[tuple[Pattern[str], ASGIApp]]] = {}
        for route in (route for router in routers for route in router.routes if isinstance(route, StrictRoute)):
            chosen = Endpoint(route) if callable_straight(route) else app
            for method in route.methods or ():
                self._endpoints.setdefault(method, []).append((route.path_regex, chosen))

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        scope["app"] = self._app
        chosen = self._chosen(scope) if scope["type"] == "http" else self._app
        return chosen(scope, receive, send)

    def _chosen(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        if path in self._streams:
            return self._streams[path]
        for pattern, endpoint in self._endpoints.get(scope["method"], ()):
            if found := pattern.match(path):
                scope["path_params"] = found.groupdict()
                return endpoint
        return self._app

"""The router of a service: routes without a declared permission are refused when the program starts."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from common.http.call import Permission
from common.http.problems import PROBLEM_RESPONSES
from common.http.strict import StrictRequest

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "1 to 255 visible ASCII characters; the same key and body get the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "0198f6a2-7d1c-7a55-9d3e-6f0a2f5c1e11",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag got when reading; another version is refused with 412.",
    "schema": {"type": "string", "pattern": '^"\\d{1,9}"$'},
    "example": '"3"',
}


class UndeclaredPermission(Exception):
    """A route says nothing about who may call it, or whose things they reach by it."""


class StrictRoute(APIRoute):
    """Reads JSON strictly (RFC 8259, no NaN, no lone surrogates, UTF-8 only)."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


class Api(APIRouter):
    """A service's routes under `/api/<service>/v1`."""

    def __init__(self, service: str) -> None:
        super().__init__(prefix=f"/api/{service}/v1", route_class=StrictRoute, responses=PROBLEM_RESPONSES)
        self.service = service

    def delete(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """As in FastAPI; `conditional=True` where the caller has to name the version that is to end (If-Match)."""

        def declare(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods=["DELETE"], **options)
            return endpoint

        return declare

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """As in FastAPI, and the headers that the permission implies are documented."""
        conditional = options.pop("conditional", False)
        super().add_api_route(path, endpoint, **options)
        route = self.routes[-1]
        assert isinstance(route, APIRoute)
        permission = permission_of(route)
        methods = route.methods or set()
        headers = []
        if permission.remember and "POST" in methods:
            headers.append(_IDEMPOTENCY_KEY)
        if conditional or {"PUT", "PATCH"} & methods:
            headers.append(_IF_MATCH)
        extra: dict[str, Any] = {**(route.openapi_extra or {})}
        if headers:
            extra["parameters"] = [*extra.get("parameters", []), *headers]
        if not permission.anonymous:
            extra["security"] = [{"bearer": []}]
        extra["x-roles"] = permission.named
        if permission.reach is not None:
            extra["x-reach"] = permission.reach
        elif "{" in path:
            raise UndeclaredPermission(f"{route.methods} {route.path} does not say whose things it reaches")
        route.openapi_extra = extra


def permission_of(route: APIRoute) -> Permission:
    """The permission a route declares, wherever among its dependencies; UndeclaredPermission if it has none."""
    found = _find(route.dependant)
    if found is None:
        raise UndeclaredPermission(f"{route.methods} {route.path} does not say who may call it")
    return found


def _find(dependant: Dependant) -> Permission | None:
    if isinstance(dependant.call, Permission):
        return dependant.call
    return next((found for inner in dependant.dependencies if (found := _find(inner))), None)

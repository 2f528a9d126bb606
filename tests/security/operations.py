"""Every operation of every service, as its OpenAPI document declares it: who may call, whose things they reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from common.http import Reach
from common.http.documents import document
from common.serving import load
from common.settings import Settings
from deploy.services import behind_the_entrance

SERVICES = tuple(service.name for service in behind_the_entrance())


@dataclass(frozen=True)
class Operation:
    """One line of an API."""

    method: str
    path: str
    roles: frozenset[str]
    reach: Reach | None
    success: int
    conditional: bool = False
    example: Any = None
    has_body: bool = False
    form: bool = False

    @property
    def service(self) -> str:
        return self.path.split("/")[2]

    @property
    def names_a_thing(self) -> bool:
        return "{" in self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/')}"


STREAM = Operation("GET", "/api/feeds/v1/stream", frozenset({"signed_in"}), Reach.own, 200)
"""Answered beside the framework, so it stands in no document."""


def application(service: str) -> FastAPI:
    """A service's own routes, not started."""
    settings = Settings(service=service, port=0, database_url="postgresql://nowhere", kafka="nowhere")  # type: ignore[arg-type]
    edge: Any = load(service).app(settings)
    app = edge._app._app
    assert isinstance(app, FastAPI)
    return app


def operations() -> list[Operation]:
    """In the order of the documents, the event stream last."""
    return [found for service in SERVICES for found in _of(document(application(service)))] + [STREAM]


def _of(described: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            (success,) = (int(status) for status in told["responses"] if status.startswith("2"))
            content = told.get("requestBody", {}).get("content", {})
            media: str = next(iter(content), "")
            reference = content[media]["schema"]["$ref"].rpartition("/")[2] if content else ""
            schema: dict[str, Any] = described["components"]["schemas"].get(reference, {})
            yield Operation(
                method=method.upper(),
                path=path,
                roles=frozenset(told["x-roles"]),
                reach=Reach(told["x-reach"]) if "x-reach" in told else None,
                success=success,
                conditional=any(header["name"] == "If-Match" for header in told.get("parameters", [])),
                example=next(iter(schema.get("examples", [])), None),
                has_body=bool(content),
                form=media == "application/x-www-form-urlencoded",
            )


def undocumented(service: str) -> set[str]:
    """Paths a service answers that its document does not name."""
    app = application(service)
    return {str(found.path) for found in iter_route_contexts(app.routes) if found.path not in document(app)["paths"]}

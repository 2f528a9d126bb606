"""Speaks HTTP to the services; only the portal does. Says who asks, in which language, and what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

import httpx

from common import telemetry

Json: TypeAlias = Any  # what a service answered; its OpenAPI document describes it

TIMEOUT = httpx.Timeout(10.0, connect=2.0)


class Unreachable(Exception):
    """A service did not answer, or answered that it cannot."""

    def __init__(self, service: str, request_id: str | None = None) -> None:
        super().__init__(service)
        self.service = service
        self.request_id = request_id


class Refused(Exception):
    """A service answered with a problem (RFC 9457): its status, stable code, words and wrong fields."""

    def __init__(self, service: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{service} answered {status} {problem.get('code', '')}")
        self.service = service
        self.status = status
        self.code = str(problem.get("code") or "")
        self.title = str(problem.get("title") or "")
        self.detail = str(problem.get("detail") or "")
        self.errors: list[Mapping[str, Any]] = list(problem.get("errors") or [])
        self.request_id = problem.get("request_id")


class Correctable(Refused):
    """A refusal the person can do something about: the form comes back with it and with all that was typed."""

    STATUSES = frozenset({400, 409, 412, 413, 422, 428, 429})


@dataclass(frozen=True)
class Answer:
    """What a service said: the body and the version it belongs to."""

    body: Json
    etag: str | None = None


@dataclass(frozen=True)
class Caller:
    """On whose behalf a call is made, and as part of what."""

    language: str
    token: str | None = field(default=None, repr=False)
    organisation: str | None = None
    request_id: str | None = None
    address: str | None = None

    def headers(self) -> dict[str, str]:
        wanted = {
            "Accept-Language": self.language,
            "Authorization": f"Bearer {self.token}" if self.token else None,
            "Alliance-Organisation": self.organisation,
            "X-Request-Id": self.request_id,
            "X-Forwarded-For": self.address,  # attempts to sign in are counted by where they come from
        }
        return {name: value for name, value in wanted.items() if value} | telemetry.outgoing_context()


class Upstreams:
    """One HTTP client per service, by the service's name."""

    def __init__(self, addresses: Mapping[str, str], transport: httpx.AsyncBaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=20)
        self.clients = {
            name: httpx.AsyncClient(
                base_url=address, timeout=TIMEOUT, limits=limits, trust_env=False, transport=transport
            )
            for name, address in addresses.items()
        }

    async def aclose(self) -> None:
        for client in self.clients.values():
            await client.aclose()

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        caller: Caller,
        *,
        params: Mapping[str, Any] | None = None,
        body: Json = None,
        etag: str | None = None,
        once: str | None = None,
    ) -> Answer:
        """One request to `/api/<service>/v1<path>`; raises Refused or Unreachable. `once` is the Idempotency-Key."""
        headers = caller.headers()
        if etag:
            headers["If-Match"] = etag
        if method == "POST":
            headers["Idempotency-Key"] = once or str(uuid4())
        given = {name: value for name, value in (params or {}).items() if value not in (None, "", [])}
        try:
            response = await self.clients[service].request(
                method, f"/api/{service}/v1{path}", params=given, json=body, headers=headers
            )
        except (httpx.HTTPError, KeyError) as error:
            raise Unreachable(service, caller.request_id) from error
        return _answer(service, response)


def _answer(service: str, response: httpx.Response) -> Answer:
    """The body, or the problem that the service named."""
    if response.is_success:
        return Answer(response.json() if response.content else None, response.headers.get("etag"))
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    if response.status_code >= 500:
        raise Unreachable(service, problem.get("request_id"))
    kind = Correctable if response.status_code in Correctable.STATUSES else Refused
    raise kind(service, response.status_code, problem)

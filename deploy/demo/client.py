"""Speaks to the alliance through its public HTTP API only; says clearly what it refuses."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, TypeVar
from uuid import uuid4

import httpx

from deploy.words import Told, Words, language

Json: TypeAlias = Any  # what the API answers; its OpenAPI documents describe it

REGISTRY, MATCHING, FEEDS = "/api/member_registry/v1", "/api/project_matching/v1", "/api/feeds/v1"
BUSY = frozenset({429, 502, 503, 504})
PATIENCE_SECONDS = 30.0
ARRIVAL_SECONDS = 30.0
"""How long a fact may take from one service to the others before the demonstration gives up."""
NOT_YET_KNOWN = frozenset({401, 403, 404})

T = TypeVar("T")


class DemoFailed(Told):
    """The demonstration cannot go on; the words say which step failed and why."""


class Refused(DemoFailed):
    """The API refused a request: problem details (RFC 9457) as a readable text."""

    def __init__(self, method: str, path: str, response: httpx.Response) -> None:
        try:
            problem = response.json()
        except ValueError:
            problem = {"title": response.text[:300]}
        self.status = response.status_code
        self.code = str(problem.get("code", ""))
        self.reasons = {error.get("code") for error in problem.get("errors") or ()}
        lines = [f"{self.status} {self.code}: {problem.get('title', '')}"]
        lines += [str(problem["detail"])] if problem.get("detail") else []
        lines += [
            f"  {error.get('field')}: {error.get('message')} {error.get('remedy') or ''}".rstrip()
            for error in problem.get("errors") or ()
        ]
        said = "\n".join(lines)
        super().__init__(Words(f"{method} {path} 被拒绝", f"{method} {path} was answered {said}"))


async def arrived(attempt: Callable[[], Awaitable[T]]) -> T:
    """Repeat while one service has not yet heard what another one was told a moment ago."""
    deadline = asyncio.get_running_loop().time() + ARRIVAL_SECONDS
    while True:
        try:
            return await attempt()
        except Refused as refusal:
            unknown = refusal.status in NOT_YET_KNOWN or "organisation_unknown" in refusal.reasons
            if not unknown or asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.25)


@dataclass(frozen=True)
class Answer:
    """A body and the version it belongs to."""

    body: Json
    etag: str | None = None


def repeatable_key(path: str, reference: str, body: Json) -> str:
    """The same request always has the same Idempotency-Key, so that a run that was killed can be run again."""
    content = json.dumps([path, reference, body], ensure_ascii=False, sort_keys=True)
    return "demo-" + hashlib.sha256(content.encode()).hexdigest()[:40]


class Client:
    """One signed-in account; waits out a server that is busy or not up yet, for a bounded time."""

    def __init__(self, http: httpx.AsyncClient, token: str | None = None, account: Json = None) -> None:
        self.http = http
        self.token = token
        self.account = account

    @classmethod
    async def sign_in(cls, http: httpx.AsyncClient, email: str, password: str) -> Self:
        """Exchange e-mail and password for a token."""
        answer = await cls(http).post(f"{REGISTRY}/sessions", {"email": email, "password": password})
        return cls(http, answer.body["access_token"], answer.body)

    def headers(self) -> dict[str, str]:
        signed_in = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Accept-Language": "zh" if language() == "zh" else "en", **signed_in}

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        return await self._send("GET", path, params=params)

    async def post(self, path: str, body: Json = None, *, reference: str | None = None) -> Answer:
        """`reference` names what is posted and makes the request repeatable; without one every post is new."""
        key = repeatable_key(path, reference, body) if reference else f"demo-{uuid4()}"
        return await self._send("POST", path, body=body, headers={"Idempotency-Key": key})

    async def put(self, path: str, body: Json, etag: str) -> Answer:
        return await self._send("PUT", path, body=body, headers={"If-Match": etag})

    async def pages(self, path: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[Json]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            asked = {**(params or {}), "limit": 100, **({"cursor": cursor} if cursor else {})}
            page = (await self.get(path, asked)).body
            for item in page["items"]:
                yield item
            cursor = page.get("next")
            if not cursor:
                return

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: Json = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        pause = 0.1
        while True:
            wait = pause
            try:
                response = await self.http.request(
                    method, path, json=body, params=params, headers={**self.headers(), **(headers or {})}
                )
                if response.status_code not in BUSY:
                    break
                reason = Words(
                    f"{method} {path} 一再得到 {response.status_code}",
                    f"{method} {path} is answered {response.status_code} again and again",
                )
                wait = max(pause, _seconds(response.headers.get("retry-after")))
            except httpx.TransportError as error:
                url, kind = self.http.base_url, type(error).__name__
                reason = Words(f"{url} 没有应答（{kind}）", f"{url} does not answer ({kind})")
            if asyncio.get_running_loop().time() + wait > deadline:
                running = Words("系统在运行吗？make status 可查看", "is the alliance running? `make status` shows it")
                raise DemoFailed(Words(f"{reason.zh}；{running.zh}", f"{reason.en}; {running.en}"))
            await asyncio.sleep(wait)
            pause = min(pause * 2, 2.0)
        if response.is_error:
            raise Refused(method, path, response)
        return Answer(response.json() if response.content else None, response.headers.get("etag"))


def _seconds(retry_after: str | None) -> float:
    """Retry-After in seconds; its other form, a date, counts as none."""
    return float(retry_after) if retry_after and retry_after.isdigit() else 0.0

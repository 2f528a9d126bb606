"""Somebody with an account, whose program asks again under the same key until the answer is clear."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from common.ids import new_id
from tests.faults.load.journal import Answered, Journal
from tests.faults.stack.worker import Worker

UNCLEAR = frozenset({408, 429, 500, 502, 503, 504})
NOT_HERE_YET = frozenset({401, 403, 404})
"""A worker may not have heard yet of an account, a right or a key: asked again for a while."""


class Refused(Exception):
    """A clear answer that is no success."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")


@dataclass
class Entrance:
    """The workers of every service; a request goes to any of them."""

    workers: Mapping[str, Sequence[Worker]]
    journal: Journal
    chance: random.Random
    http: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=200))
    )

    password: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Each is made to cost much: a crowd that comes with passwords at once would only wait for itself."""

    def url(self, service: str, path: str) -> str:
        return f"{self.chance.choice(self.workers[service]).address}/api/{service}/v1{path}"


@dataclass
class Person:
    """An account and its organisation."""

    entrance: Entrance
    email: str
    password: str
    organisation_id: str = ""
    _token: str = ""
    _until: float = 0.0
    _signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self, *, not_this: str | None = None) -> str:
        """A bearer token; signs in again when it has become old or was refused."""
        async with self._signing_in:
            if self._token == not_this or time.monotonic() >= self._until:
                await self._sign_in()
            return self._token

    async def _sign_in(self) -> None:
        credentials = {"email": self.email, "password": self.password}
        while True:
            async with self.entrance.password:
                answer = await self._attempt("POST", "member_registry", "/sessions", {}, credentials, timeout=60)
            if answer is not None and answer.status_code == 201:
                self._token, self._until = answer.json()["access_token"], time.monotonic() + 400
                return
            await asyncio.sleep(0.5)

    async def get(self, service: str, path: str, **query: Any) -> httpx.Response:
        return await self.ask("GET", service, path, query=query)

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        patience: float = 15.0,
        timeout: float = 8.0,
    ) -> httpx.Response:
        """A success, however often it has to be asked for. Refused after `patience` seconds of clear refusals."""
        began = time.monotonic()
        pause = 0.1
        while True:
            token = await self.token()
            sent = {"authorization": f"Bearer {token}", **(headers or {})}
            answer = await self._attempt(method, service, path, sent, body, query, timeout=timeout)
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code not in UNCLEAR:
                if answer.status_code not in NOT_HERE_YET or time.monotonic() - began > patience:
                    raise Refused(answer)
                if answer.status_code == 401:
                    await self.token(not_this=token)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 1.0)

    async def command(
        self, service: str, path: str, body: Any = None, *, marker: str | None = None, timeout: float = 8.0
    ) -> dict[str, Any]:
        """A POST under one key for all attempts; a success is noted."""
        key = str(new_id())
        sent, headers = {} if body is None else body, {"idempotency-key": key}
        answer = await self.ask("POST", service, path, sent, headers=headers, timeout=timeout)
        return self._noted(service, answer, key, marker)

    async def change(self, method: str, service: str, path: str, body: Any, version: int) -> dict[str, Any]:
        """A PUT or DELETE of a version; Refused (412) also when an unclear earlier attempt was the one that counted."""
        answer = await self.ask(method, service, path, body, headers={"if-match": f'"{version}"'})
        return self._noted(service, answer, None, None) if answer.content else {}

    def _noted(self, service: str, answer: httpx.Response, key: str | None, marker: str | None) -> dict[str, Any]:
        body: dict[str, Any] = answer.json()
        if "version" in body:
            self.entrance.journal.note(Answered(service, body["id"], body["version"], key, marker))
        return body

    async def _attempt(
        self,
        method: str,
        service: str,
        path: str,
        headers: Mapping[str, str],
        body: Any,
        query: Mapping[str, Any] | None = None,
        timeout: float = 8.0,
    ) -> httpx.Response | None:
        """One request to one worker; None when nobody knows what became of it."""
        tried = self.entrance.journal.tried
        try:
            answer = await self.entrance.http.request(
                method,
                self.entrance.url(service, path),
                headers=dict(headers),
                json=body,
                params=query,
                timeout=timeout,
            )
        except httpx.HTTPError as error:
            tried[type(error).__name__] += 1
            return None
        tried[str(answer.status_code)] += 1
        return answer

"""One request as a handler sees it: the caller, their language, the version they change, the key they repeat with."""

import hashlib
import re
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from common.auth import ANONYMOUS, Access, Caller
from common.auth.tokens import refused
from common.database import CallersDatabase, Database, Transaction
from common.errors import (
    InvalidInput,
    MalformedRequest,
    NotAllowed,
    NotSignedIn,
    StaleVersion,
    VersionRequired,
)
from common.repeats import Remembered, RepeatableRequest
from common.text import Bilingual, Language
from common.vocabulary import Role

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def language_of(accept: str | None) -> Language:
    """The first of zh and en that Accept-Language prefers; zh when it names neither (RFC 9110 section 12.5.4)."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in (accept or "").split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters.strip().startswith("q=") else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        if primary in ("zh", "en") and quality > best[0]:
            best = (quality, "zh" if primary == "zh" else "en")
    return best[1]


class Call:
    """What a handler gets instead of a bare request."""

    __slots__ = ("_key", "caller", "request")

    def __init__(self, request: Request, caller: Caller, key: RepeatableRequest | None) -> None:
        self.request = request
        self.caller = caller
        self._key = key

    @property
    def database(self) -> CallersDatabase:
        """The database as the caller sees it."""
        return self.service_database.of(self.caller.scope)

    @property
    def service_database(self) -> Database:
        """The database as the service itself sees it: for what decides who the caller is."""
        return self.request.app.state.database  # type: ignore[no-any-return]

    @property
    def state(self) -> Any:
        """What the service put together at its start (`app.py`)."""
        return self.request.app.state

    @property
    def language(self) -> Language:
        return language_of(self.request.headers.get("accept-language"))

    def transaction(self, *, as_service: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """A transaction in the caller's name; a repeated POST gets its first answer instead of a second effect.

        `as_service` where a command must see what its caller may not: everything else sees the caller's rows.
        """
        scope = None if as_service else self.caller.scope
        return self.service_database.transaction(actor=f"account:{self.caller.id}", request=self._key, scope=scope)

    def expected_version(self) -> int:
        """The version named by If-Match. Raises VersionRequired without one, StaleVersion if it is none of ours."""
        tag = self.request.headers.get("if-match")
        if tag is None:
            raise VersionRequired
        found = re.fullmatch(r'"(\d{1,9})"', tag.strip())
        if found is None:
            raise StaleVersion
        return int(found.group(1))

    def respond(
        self,
        body: BaseModel | None,
        *,
        tx: Transaction | None = None,
        status: int = 200,
        version: int | None = None,
        location: str | None = None,
        kept: BaseModel | None = None,
    ) -> Response:
        """The answer; given within a transaction it is remembered with the change under the Idempotency-Key.

        A body that holds a secret is remembered as `kept`, the same without it; the handler then catches Replay and
        puts the secret back.
        """
        headers: dict[str, str] = {}
        if version is not None:
            headers["etag"] = f'"{version}"'
        if location is not None:
            headers["location"] = location
        content = b"" if body is None else body.model_dump_json().encode()
        if tx is not None and self._key is not None:
            tx.answer(Remembered(status, headers, content if kept is None else kept.model_dump_json().encode()))
        return answered(Remembered(status, headers, content))


def answered(answer: Remembered) -> Response:
    """The HTTP response of an answer, given for the first time or again."""
    media_type = "application/json" if answer.body else None
    return Response(answer.body, status_code=answer.status, headers=answer.headers, media_type=media_type)


class Reach(StrEnum):
    """Whose things a caller with the right reaches by a route; everything beyond is answered as if it were not there.

    On a route that names no thing, `own` says that it needs an organisation of one's own.
    """

    own = "own"
    alliance = "alliance"
    """One's own; the secretariat reaches everybody's."""
    everybody = "everybody"


class Permission:
    """What a route demands; a route without one does not start (deny by default)."""

    def __init__(
        self,
        roles: frozenset[Role] | None,
        *,
        anonymous: bool = False,
        people_only: bool = False,
        remember: bool = True,
        reach: Reach | None = None,
    ) -> None:
        self.roles = roles
        self.anonymous = anonymous
        self.people_only = people_only
        self.remember = remember
        self.reach = reach

    @property
    def named(self) -> list[str]:
        """Who may call, as the OpenAPI document says it: roles, or `anybody`, `signed_in`, `person`."""
        if self.roles is not None:
            return sorted(self.roles)
        return ["anybody" if self.anonymous else "person" if self.people_only else "signed_in"]

    async def __call__(self, request: Request) -> Call:
        caller = ANONYMOUS if self.anonymous else await caller_of(request)
        if self.people_only and Role.service in caller.roles:
            raise NotAllowed(Bilingual(zh="此操作只供人员账号使用。", en="This is for people, not for machines."))
        if self.roles is not None and not self.roles & caller.roles:
            names_zh = "、".join(sorted(role.zh for role in self.roles))
            names_en = ", ".join(sorted(role.en for role in self.roles))
            raise NotAllowed(
                Bilingual(zh=f"需要以下角色之一：{names_zh}。", en=f"One of these roles is needed: {names_en}.")
            )
        key = await _repeatable(request, caller) if request.method == "POST" and self.remember else None
        return Call(request, caller, key)


def allow(*roles: Role, reach: Reach | None = None) -> Any:
    """Only callers with one of these roles: `call: Annotated[Call, allow(Role.secretariat)]`."""
    return Depends(Permission(frozenset(roles), reach=reach))


def signed_in(*, reach: Reach | None = None) -> Any:
    """Anybody with a valid token, member or not."""
    return Depends(Permission(None, reach=reach))


def person(*, remember: bool = True) -> Any:
    """Anybody with an account; no machine. `remember=False` where the answer must not be kept."""
    return Depends(Permission(None, people_only=True, remember=remember))


def public(*, remember: bool = True, reach: Reach | None = None) -> Any:
    """Everybody. `remember=False` for exchanges of credentials, whose answers must not be kept."""
    return Depends(Permission(None, anonymous=True, remember=remember, reach=reach))


async def caller_of(request: Request) -> Caller:
    """The caller named by the bearer token, or NotSignedIn."""
    return await caller_with(token_of(request), request)


def token_of(request: Request) -> str:
    """The bearer token of a request, unread; NotSignedIn without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refused() if scheme else _missing()
    return token.strip()


async def caller_with(token: str, request: Request) -> Caller:
    """The caller this token names, acting for the organisation that the request names."""
    access: Access = request.app.state.access
    return await access.caller(token, _acting_id(request.headers.get("alliance-organisation")))


def _missing() -> NotSignedIn:
    return NotSignedIn(Bilingual(zh="缺少令牌。", en="A bearer token is missing."))


def _acting_id(header: str | None) -> UUID | None:
    if header is None:
        return None
    try:
        return UUID(header)
    except ValueError:
        raise InvalidInput(
            Bilingual(zh="Alliance-Organisation 不是有效的标识。", en="Alliance-Organisation is not an id.")
        ) from None


async def _repeatable(request: Request, caller: Caller) -> RepeatableRequest:
    key = request.headers.get("idempotency-key", "").strip().strip('"')
    if not _KEY.fullmatch(key):
        raise MalformedRequest(
            Bilingual(
                zh="POST 请求必须带 Idempotency-Key（1–255 个可见 ASCII 字符，例如 UUID）。",
                en="A POST needs an Idempotency-Key: 1 to 255 visible ASCII characters, a UUID for example.",
            ),
            code="idempotency_key_required",
        )
    # Bodies may hold passwords, which a plain digest would give away to whoever guesses them: the digest is salted with
    # the key, and the key itself is not stored.
    digest = hashlib.sha256(f"{key}\n{request.method} {request.scope['path']}\n".encode() + await request.body())
    return RepeatableRequest(caller.id, hashlib.sha256(key.encode()).hexdigest(), digest.digest())

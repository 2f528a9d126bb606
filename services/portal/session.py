"""Who is at the other end: sessions kept in the portal's own schema under the hash of a random cookie."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

import asyncpg

from common.database import Database, Transaction
from common.scope import Scope

LIFETIME = timedelta(hours=12)  # without use; every renewal of the access token begins it anew
RENEW_BEFORE = timedelta(seconds=30)  # an access token this close to its end is renewed first


@dataclass(frozen=True)
class Session:
    """One browser: what it may use to speak for a person, and the forms it has not finished."""

    id_hash: bytes
    account: Mapping[str, Any] | None = None
    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    access_expires_at: datetime | None = None
    organisation: str | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def signed_in(self) -> bool:
        return self.account is not None and self.access_token is not None

    def needs_renewal(self, now: datetime) -> bool:
        return self.signed_in and (self.access_expires_at is None or self.access_expires_at - now < RENEW_BEFORE)

    def with_tokens(self, answer: Mapping[str, Any], now: datetime) -> "Session":
        """The session after member_registry has issued tokens; the acting organisation stays if it still is one."""
        account = {key: answer.get(key) for key in ("account", "secretariat", "organisations")}
        mine = [str(organisation["id"]) for organisation in account["organisations"] or []]
        return replace(
            self,
            account=account,
            access_token=answer["access_token"],
            refresh_token=answer["refresh_token"],
            access_expires_at=now + timedelta(seconds=int(answer.get("expires_in", 300))),
            organisation=self.organisation if self.organisation in mine else next(iter(mine), None),
        )


def new_cookie() -> str:
    """256 random bits for a browser to keep."""
    return secrets.token_urlsafe(32)


def hash_of(cookie: str) -> bytes:
    """What is stored instead of the cookie, so that a copy of the table signs nobody in."""
    return hashlib.sha256(cookie.encode()).digest()


def _browser(id_hash: bytes) -> Scope:
    """The database as this browser sees it: its own row."""
    return Scope((("browser", id_hash.hex()),))


Renewal: TypeAlias = Callable[[Session], Awaitable[Session | None]]


class Store(Protocol):
    """Where sessions live between two requests."""

    async def load(self, id_hash: bytes) -> Session | None: ...
    async def save(self, session: Session) -> None: ...
    async def forget(self, id_hash: bytes) -> None: ...
    async def renewed(self, id_hash: bytes, renew: Renewal, force: bool = False) -> Session | None: ...
    async def keep(self, id_hash: bytes, path: str, form: Mapping[str, Any] | None) -> None: ...


class PostgresStore:
    """Sessions as rows of table `session`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def load(self, id_hash: bytes) -> Session | None:
        sql = f"{SELECT} WHERE id_hash = $1 AND expires_at > $2"
        return _session(await self.database.of(_browser(id_hash)).fetch_row(sql, id_hash, self.database.clock()))

    async def save(self, session: Session) -> None:
        async with self.database.transaction(scope=_browser(session.id_hash)) as tx:
            await self._write(tx, session)
        await self.database.execute("DELETE FROM session WHERE expires_at < $1", self.database.clock())

    async def forget(self, id_hash: bytes) -> None:
        await self.database.of(_browser(id_hash)).execute("DELETE FROM session WHERE id_hash = $1", id_hash)

    async def renewed(self, id_hash: bytes, renew: Renewal, force: bool = False) -> Session | None:
        """Renews the tokens once, however many requests find them old: the others wait at the row for the result."""
        async with self.database.transaction(scope=_browser(id_hash)) as tx:
            session = _session(await tx.fetch_row(f"{SELECT} WHERE id_hash = $1 FOR UPDATE", id_hash))
            if session is None or not (force or session.needs_renewal(tx.now)):
                return session
            fresh = await renew(session)
            if fresh is None:
                await tx.execute(SIGN_OUT, id_hash)
            elif fresh is not session:
                await self._write(tx, fresh)
            return fresh

    async def keep(self, id_hash: bytes, path: str, form: Mapping[str, Any] | None) -> None:
        """Remembers an unfinished form of this browser, or forgets it; needs no sign-in."""
        database = self.database.of(_browser(id_hash))
        if form is None:
            await database.execute("UPDATE session SET kept = kept - $2::text WHERE id_hash = $1", id_hash, path)
        else:
            await database.execute(KEEP, id_hash, {path: form}, self.database.clock() + LIFETIME)

    async def _write(self, tx: Transaction, session: Session) -> None:
        await tx.execute(
            WRITE,
            session.id_hash,
            session.account,
            session.access_token,
            session.refresh_token,
            session.access_expires_at,
            session.organisation,
            session.kept,
            tx.now + LIFETIME,
        )


SELECT = """SELECT id_hash, account, access_token, refresh_token, access_expires_at, organisation::text, kept
            FROM session"""
WRITE = """INSERT INTO session (id_hash, account, access_token, refresh_token, access_expires_at, organisation, kept,
                                expires_at)
           VALUES ($1, $2, $3, $4, $5, $6::text::uuid, $7, $8)
           ON CONFLICT (id_hash) DO UPDATE SET account = excluded.account, access_token = excluded.access_token,
               refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
               organisation = excluded.organisation, kept = excluded.kept, expires_at = excluded.expires_at"""
SIGN_OUT = """UPDATE session SET account = NULL, access_token = NULL, refresh_token = NULL, access_expires_at = NULL,
                  organisation = NULL
              WHERE id_hash = $1"""
KEEP = """INSERT INTO session (id_hash, kept, expires_at) VALUES ($1, $2, $3)
          ON CONFLICT (id_hash) DO UPDATE SET kept = session.kept || excluded.kept,
              expires_at = greatest(session.expires_at, excluded.expires_at)"""


def _session(row: asyncpg.Record | None) -> Session | None:
    """A row as a session."""
    return Session(**dict(row)) if row is not None else None

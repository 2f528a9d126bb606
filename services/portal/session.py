"""Who is at the other end: sessions kept in the portal's own schema, of no use without the browser's random cookie."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import asyncpg

from common.auth.seal import CannotOpen, Seal
from common.database import Database, Transaction
from common.scope import Scope

LIFETIME = timedelta(hours=12)  # without use; every renewal of the access token begins it anew
RENEW_BEFORE = timedelta(seconds=30)  # an access token this close to its end is renewed first
_TOKEN = "a token"


@dataclass(frozen=True)
class Session:
    """One browser: what it may use to speak for a person, and the forms it has not finished."""

    cookie: str = field(repr=False)
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


def _browser(cookie: str) -> Scope:
    """The database as this browser sees it: its own row."""
    return Scope((("browser", hash_of(cookie).hex()),))


Renewal: TypeAlias = Callable[[Session], Awaitable[Session | None]]


class Store:
    """Sessions as rows of table `session`; each browser sees its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def load(self, cookie: str) -> Session | None:
        sql = f"{SELECT} WHERE id_hash = $1 AND expires_at > $2"
        row = await self.database.of(_browser(cookie)).fetch_row(sql, hash_of(cookie), self.database.clock())
        return _session(cookie, row)

    async def save(self, session: Session) -> None:
        async with self.database.transaction(scope=_browser(session.cookie)) as tx:
            await self._write(tx, session)
        await self.database.execute("DELETE FROM session WHERE expires_at < $1", self.database.clock())

    async def act_for(self, cookie: str, organisation: str) -> None:
        """Nothing else of the row is written: its tokens may just have been renewed by another request."""
        sql = "UPDATE session SET organisation = $2::text::uuid WHERE id_hash = $1"
        await self.database.of(_browser(cookie)).execute(sql, hash_of(cookie), organisation)

    async def forget(self, cookie: str) -> None:
        await self.database.of(_browser(cookie)).execute("DELETE FROM session WHERE id_hash = $1", hash_of(cookie))

    async def renewed(self, cookie: str, renew: Renewal, force: bool = False) -> Session | None:
        """Renews the tokens once, however many requests find them old: the others wait at the row for the result."""
        async with self.database.transaction(scope=_browser(cookie)) as tx:
            session = _session(cookie, await tx.fetch_row(f"{SELECT} WHERE id_hash = $1 FOR UPDATE", hash_of(cookie)))
            if session is None or not (force or session.needs_renewal(tx.now)):
                return session
            fresh = await renew(session)
            if fresh is None:
                await tx.execute(SIGN_OUT, hash_of(cookie))
            elif fresh is not session:
                await self._write(tx, fresh)
            return fresh

    async def keep(self, cookie: str, path: str, form: Mapping[str, Any] | None) -> None:
        """Remembers an unfinished form of this browser, or forgets it; needs no sign-in."""
        database = self.database.of(_browser(cookie))
        if form is None:
            await database.execute(
                "UPDATE session SET kept = kept - $2::text WHERE id_hash = $1", hash_of(cookie), path
            )
        else:
            await database.execute(KEEP, hash_of(cookie), {path: form}, self.database.clock() + LIFETIME)

    async def _write(self, tx: Transaction, session: Session) -> None:
        await tx.execute(
            WRITE,
            hash_of(session.cookie),
            session.account,
            _sealed(session.cookie, session.access_token),
            _sealed(session.cookie, session.refresh_token),
            session.access_expires_at,
            session.organisation,
            session.kept,
            tx.now + LIFETIME,
        )


SELECT = """SELECT account, access_token, refresh_token, access_expires_at, organisation::text, kept
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


def _session(cookie: str, row: asyncpg.Record | None) -> Session | None:
    """A row as a session; signed out if its tokens were not sealed under this cookie."""
    if row is None:
        return None
    session = Session(cookie, **dict(row))
    try:
        access, refresh = _opened(cookie, session.access_token), _opened(cookie, session.refresh_token)
    except CannotOpen:
        return replace(session, account=None, access_token=None, refresh_token=None)
    return replace(session, access_token=access, refresh_token=refresh)


def _sealed(cookie: str, token: str | None) -> str | None:
    """A token as it is stored: under a key made of the cookie, which is stored nowhere."""
    return None if token is None else Seal(cookie, of="portal").close(token, purpose=_TOKEN)


def _opened(cookie: str, token: str | None) -> str | None:
    return None if token is None else Seal(cookie, of="portal").open(token, purpose=_TOKEN)

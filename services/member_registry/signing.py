"""Signs tokens with the present key, which it keeps in memory, and sees to it that there is always a good one."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import orjson
from joserfc.jwk import OKPKey

from common import telemetry
from common.auth.seal import CannotOpen, Seal
from common.auth.tokens import sign
from common.background import begin, end
from common.database import Database
from common.service import Running
from member_registry.commands.signing_keys import ensure_signing_key, purpose
from member_registry.store import sessions
from member_registry.store.signing_keys import StoredKey, signing_keys

LOOK_EVERY = 15.0
"""Seconds until another instance's new key is used here."""
_TRAVELS = timedelta(seconds=10)
"""A new key signs nothing while it is still on its way to the other services, if an older one can."""


class Signer:
    """A part of the service; `seal` is open from `prepare` on."""

    def __init__(self) -> None:
        self._keys: list[tuple[StoredKey, OKPKey]] = []
        self._public: list[dict[str, str]] = []
        self._issuer = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, running: Running) -> None:
        self.seal = seal_of(running)
        self._issuer = running.settings.public_url
        await self.load(running.database)
        self._tasks = [begin(partial(self._watch, running.database), "signing keys")]

    async def stop(self) -> None:
        await end(self._tasks)

    async def load(self, database: Database) -> None:
        """Take over what the table holds; a key that cannot be opened is left to the others' eyes."""
        keys, found = [], await signing_keys(database, database.clock())
        for stored in found:
            try:
                private = orjson.loads(self.seal.open(stored.sealed, purpose=purpose(stored)))
            except CannotOpen:
                telemetry.log.warning("signing_key_sealed_under_another_secret", key=str(stored.id))
                continue
            keys.append((stored, OKPKey.import_key(private)))
        self._keys, self._public = keys, [stored.public_jwk for stored in found]

    def token(self, subject: UUID, *, session_id: UUID, machine: bool, now: datetime) -> str:
        """An access token of ten minutes."""
        key = next((key for stored, key in self._keys if stored.valid_from + _TRAVELS <= now), self._keys[-1][1])
        return sign(key, subject=subject, session_id=session_id, machine=machine, now=now, issuer=self._issuer)

    def public_keys(self) -> list[dict[str, str]]:
        """The public halves (JWK) of all keys whose tokens count."""
        return self._public

    async def _watch(self, database: Database) -> None:
        """Keys of other instances, rotation in time, and once an hour the rows that mean nothing any more."""
        rounds = 0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            rounds += 1
            try:
                await self.load(database)
                if rounds % 240 == 0:
                    await self._tidy(database)
            except Exception as error:  # whatever it was: the keys in memory stay good, and it is tried again
                telemetry.log.warning("signing_keys_not_looked_up", error=repr(error))

    async def _tidy(self, database: Database) -> None:
        async with database.transaction() as tx:
            await ensure_signing_key(tx, self.seal)
        await sessions.forget_old(database)


def seal_of(running: Running) -> Seal:
    """The seal of this installation; a missing secret is a mistake of whoever set it up."""
    if running.settings.key_secret is None:
        raise RuntimeError("ALLIANCE_KEY_SECRET is not set: member_registry keeps its signing keys under it")
    return Seal(running.settings.key_secret.get_secret_value(), of="member_registry")

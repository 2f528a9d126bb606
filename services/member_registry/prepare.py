"""What has to be there before the first request: a key that signs, and somebody who can sign in."""

import asyncio

from pwdlib import PasswordHash

from common import telemetry
from common.database import Database
from common.service import Running
from common.text import Bilingual
from member_registry.commands.accounts import open_account
from member_registry.commands.signing_keys import ensure_signing_key
from member_registry.model.passwords import acceptable
from member_registry.model.people import NewPerson
from member_registry.signing import seal_of
from member_registry.store.people import any_secretariat
from member_registry.store.signing_keys import alone


async def prepare(running: Running) -> None:
    """Safe to repeat, and for several instances that start at the same moment."""
    async with running.database.transaction() as tx:
        await ensure_signing_key(tx, seal_of(running))
    first = running.settings.first_secretariat
    if first is not None:
        email, _, password = first.get_secret_value().partition(":")
        await _first_secretariat(running.database, email.strip().lower(), password)


async def _first_secretariat(database: Database, email: str, password: str) -> None:
    """The account that everything begins with; made once, whatever the setting says later."""
    if await any_secretariat(database):
        return
    password_hash = await asyncio.to_thread(PasswordHash.recommended().hash, acceptable(password, email=email))
    person = NewPerson(email=email, name=Bilingual(zh="秘书处", en="Secretariat"), password_hash=password_hash)
    async with database.transaction() as tx:
        await alone(tx)
        if not await any_secretariat(tx):
            await open_account(tx, person, secretariat=True)
            telemetry.log.info("first_secretariat_account_made")

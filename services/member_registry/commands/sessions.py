"""Signing in and staying signed in: sessions, numbered refresh tokens, and what happens when one comes twice."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from common.auth.seal import Seal
from common.auth.tokens import LIFETIME
from common.database import Transaction
from common.events.member_registry import SessionEnded
from common.ids import new_id
from member_registry.store import sessions as store

LONGEST_SESSION = timedelta(days=30)
LONGEST_PAUSE = timedelta(days=7)
_PREFIX = "ar_"
_PURPOSE = "refresh token"


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that is good, the account it belongs to and the number of its present refresh token."""

    session_id: UUID
    account_id: UUID
    generation: int


def refresh_token(seal: Seal, session_id: UUID, generation: int) -> str:
    """Session, number and a mark only this service can make: nothing secret has to be stored for it."""
    told = session_id.bytes + generation.to_bytes(4)
    return _PREFIX + base64.urlsafe_b64encode(told + seal.mark(told, purpose=_PURPOSE)).decode().rstrip("=")


def read_refresh_token(seal: Seal, token: str) -> tuple[UUID, int] | None:
    """Session and number of a refresh token that this service made; None for anything else."""
    try:
        packed = base64.b64decode(token.removeprefix(_PREFIX) + "==", altchars=b"-_", validate=False)
    except (binascii.Error, ValueError):
        return None
    told, mark = packed[:20], packed[20:]
    if not token.startswith(_PREFIX) or not hmac.compare_digest(mark, seal.mark(told, purpose=_PURPOSE)):
        return None
    return UUID(bytes=told[:16]), int.from_bytes(told[16:])


async def open_session(tx: Transaction, account_id: UUID) -> Opened:
    """A person has signed in."""
    opened = Opened(new_id(), account_id, 1)
    store.insert_session(tx, opened.session_id, account_id, expires_at=tx.now + LONGEST_SESSION)
    return opened


async def refresh_session(tx: Transaction, session_id: UUID, generation: int) -> Opened | None:
    """The next refresh token, once; a token that comes again ends the session, for one of the two is a thief."""
    account_id = await store.next_generation(tx, session_id, generation, idle=LONGEST_PAUSE)
    if account_id is not None:
        return Opened(session_id, account_id, generation + 1)
    if await store.end_replayed(tx, session_id, generation):
        _publish_end(tx, session_id)
    return None


async def end_session(tx: Transaction, session_id: UUID) -> None:
    """A person signs out: the tokens of this session are worth nothing from now on. Doing it twice does no harm."""
    if await store.end_session(tx, session_id):
        _publish_end(tx, session_id)


def _publish_end(tx: Transaction, session_id: UUID) -> None:
    expire = tx.now + timedelta(seconds=LIFETIME)
    tx.publish(SessionEnded(version=1, at=tx.now, session_id=session_id, tokens_expire_at=expire))

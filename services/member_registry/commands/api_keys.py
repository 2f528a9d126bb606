"""Keys of machines: made, exchanged for tokens, revoked."""

import hashlib
import hmac
import secrets
from uuid import UUID

from common.database import Reader, Transaction
from common.errors import Conflict, NotFound
from common.events.member_registry import ApiKeyChanged
from common.ids import new_id
from common.text import Bilingual
from member_registry.store import api_keys as store
from member_registry.store import organisations
from member_registry.store.api_keys import ApiKey

MOST_KEYS = 50
PREFIX = "ah_"


async def make_api_key(tx: Transaction, organisation_id: UUID, name: str, *, created_by: UUID) -> tuple[ApiKey, str]:
    """A new key of 32 random bytes and its plain text, which is known at this moment and never again."""
    organisation = await organisations.organisation(tx, organisation_id)
    if organisation.admitted_at is None:
        raise NotFound
    if await store.good_keys(tx, organisation_id) >= MOST_KEYS:
        raise Conflict(
            Bilingual(zh=f"最多 {MOST_KEYS} 个有效密钥，请先吊销。", en=f"At most {MOST_KEYS} keys: revoke one first."),
            code="too_many_api_keys",
        )
    plain = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        id=new_id(),
        version=1,
        organisation_id=organisation_id,
        name=name,
        prefix=plain[:9],
        created_at=tx.now,
    )
    store.insert_api_key(tx, key, key_hash=_hash(plain), created_by=created_by)
    _publish(tx, key)
    return key, plain


async def revoke_api_key(tx: Transaction, organisation_id: UUID, api_key_id: UUID) -> ApiKey:
    """Worth nothing from now on, and the tokens it was exchanged for neither."""
    key = await store.revoke(tx, organisation_id, api_key_id)
    if key is None:
        raise NotFound
    _publish(tx, key)
    return key


async def recognised(reader: Reader, api_key_id: UUID, plain: str) -> bool:
    """Whether this is the plain text of a key that is good, of an organisation that may act."""
    known = await store.presented(reader, api_key_id)
    expected = known.key_hash if known else bytes(32)
    fits = hmac.compare_digest(_hash(plain), expected)
    return bool(fits and known and not known.revoked and known.state.may_act)


def _publish(tx: Transaction, key: ApiKey) -> None:
    tx.publish(
        ApiKeyChanged(
            version=key.version,
            at=tx.now,
            api_key_id=key.id,
            organisation_id=key.organisation_id,
            revoked=key.revoked_at is not None,
        )
    )


def _hash(plain: str) -> bytes:
    return hashlib.sha256(plain.encode()).digest()

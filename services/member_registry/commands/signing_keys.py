"""The keys that sign tokens: made when there is none, followed by another in time, withdrawn when they may be known."""

from datetime import datetime, timedelta

import orjson
from joserfc.jwk import OKPKey

from common.auth.seal import CannotOpen, Seal
from common.database import Transaction
from common.events.member_registry import SigningKeyPublished
from common.ids import new_id
from member_registry.store import signing_keys as store
from member_registry.store.signing_keys import StoredKey

SIGNS_FOR = timedelta(days=30)
OVERLAP = timedelta(days=2)
"""A key is followed by the next one after 30 days; what it signed counts two days longer."""


def purpose(key: StoredKey) -> str:
    """A sealed private key opens only as the key it is."""
    return f"signing key {key.id}"


async def ensure_signing_key(tx: Transaction, seal: Seal) -> None:
    """A key that signs for some time yet and that this service can open; instances that start together make one."""
    await store.alone(tx)
    newest = next(iter(await store.signing_keys(tx, tx.now)), None)
    if newest is None or newest.valid_until - tx.now < OVERLAP or not _opens(newest, seal):
        _make(tx, seal)


async def rotate_signing_key(tx: Transaction, seal: Seal, *, withdraw: bool) -> StoredKey:
    """A new key now; `withdraw` when a former one may be known to others: then everybody has to sign in again."""
    await store.alone(tx)
    if withdraw:
        for key in await store.withdraw_signing_keys(tx):
            tx.publish(_published(key, tx.now))
    return _make(tx, seal)


def _make(tx: Transaction, seal: Seal) -> StoredKey:
    key_id = new_id()
    pair = OKPKey.generate_key("Ed25519", {"kid": str(key_id), "use": "sig", "alg": "Ed25519"})
    public = {name: str(value) for name, value in pair.as_dict(private=False).items()}
    private = orjson.dumps(pair.as_dict(private=True)).decode()
    key = StoredKey(
        id=key_id,
        version=1,
        public_jwk=public,
        sealed=seal.close(private, purpose=f"signing key {key_id}"),
        valid_from=tx.now,
        valid_until=tx.now + SIGNS_FOR + OVERLAP,
    )
    store.insert_signing_key(tx, key)
    tx.publish(_published(key, tx.now))
    return key


def _opens(key: StoredKey, seal: Seal) -> bool:
    try:
        seal.open(key.sealed, purpose=purpose(key))
    except CannotOpen:
        return False
    return True


def _published(key: StoredKey, now: datetime) -> SigningKeyPublished:
    return SigningKeyPublished(
        version=key.version,
        at=now,
        signing_key_id=key.id,
        jwk=key.public_jwk,
        valid_from=key.valid_from,
        valid_until=key.valid_until,
    )

"""The keys that sign tokens: public halves as they are, private halves sealed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.database import Reader, Transaction

_LOCK = 4_201_101  # advisory: one instance at a time makes keys or the first account


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key pair as it is kept; it signs from `valid_from` on, and what it signed counts until `valid_until`."""

    id: UUID
    version: int
    public_jwk: dict[str, str]
    sealed: str
    valid_from: datetime
    valid_until: datetime


async def alone(tx: Transaction) -> None:
    """Return when no other instance is preparing or rotating; held until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def signing_keys(reader: Reader, now: datetime) -> list[StoredKey]:
    """Keys whose tokens count, newest first."""
    rows = await reader.fetch("SELECT * FROM own_signing_key WHERE valid_until > $1 ORDER BY signing_key_id DESC", now)
    return [_key(row) for row in rows]


def insert_signing_key(tx: Transaction, new: StoredKey) -> None:
    """With the transaction's end."""
    tx.insert(
        "own_signing_key (signing_key_id, version, public_jwk, sealed, valid_from, valid_until)",
        "$1, $2, $3, $4, $5, $6",
        new.id,
        new.version,
        new.public_jwk,
        new.sealed,
        new.valid_from,
        new.valid_until,
    )


async def withdraw_signing_keys(tx: Transaction) -> list[StoredKey]:
    """All keys that are good, made worthless: nothing they ever signed counts any more."""
    rows = await tx.fetch(
        """UPDATE own_signing_key SET version = version + 1, valid_until = valid_from - interval '1 day', sealed = ''
           WHERE valid_until > $1 RETURNING *""",
        tx.now,
    )
    return [_key(row) for row in rows]


def _key(row: Any) -> StoredKey:
    return StoredKey(
        id=row["signing_key_id"],
        version=row["version"],
        public_jwk=row["public_jwk"],
        sealed=row["sealed"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )

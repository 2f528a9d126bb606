"""Keys of machines: never the keys themselves, only their hashes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.database import Reader, Transaction
from common.vocabulary import MemberState

_COLUMNS = "api_key_id, k.version, organisation_id, k.name, prefix, k.created_at, last_used_at, revoked_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it may be shown."""

    id: UUID
    version: int
    organisation_id: UUID
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What has to be known to exchange a key for a token."""

    key_hash: bytes
    revoked: bool
    state: MemberState


def insert_api_key(tx: Transaction, new: ApiKey, *, key_hash: bytes, created_by: UUID) -> None:
    """With the transaction's end."""
    tx.insert(
        "api_key (api_key_id, version, organisation_id, name, prefix, key_hash, created_at, created_by)",
        "$1, $2, $3, $4, $5, $6, $7, $8",
        new.id,
        new.version,
        new.organisation_id,
        new.name,
        new.prefix,
        key_hash,
        new.created_at,
        created_by,
    )


async def api_keys(reader: Reader, organisation_id: UUID, after: UUID | None, limit: int) -> list[ApiKey]:
    """All keys of an organisation, the revoked ones too, oldest first."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM api_key k WHERE organisation_id = $1 AND ($2::uuid IS NULL OR api_key_id > $2)
            ORDER BY api_key_id LIMIT $3""",
        organisation_id,
        after,
        limit,
    )
    return [_key(row) for row in rows]


async def good_keys(reader: Reader, organisation_id: UUID) -> int:
    """How many keys of an organisation are not revoked."""
    sql = "SELECT count(*) FROM api_key WHERE organisation_id = $1 AND revoked_at IS NULL"
    return int(await reader.fetch_value(sql, organisation_id))


async def revoke(tx: Transaction, organisation_id: UUID, api_key_id: UUID) -> ApiKey | None:
    """The key, revoked now; None when there is no such key that is still good."""
    row = await tx.fetch_row(
        f"""UPDATE api_key k SET revoked_at = $3, version = version + 1
            WHERE api_key_id = $1 AND organisation_id = $2 AND revoked_at IS NULL RETURNING {_COLUMNS}""",
        api_key_id,
        organisation_id,
        tx.now,
    )
    return _key(row) if row else None


async def presented(reader: Reader, api_key_id: UUID) -> Presented | None:
    row = await reader.fetch_row(
        """SELECT key_hash, revoked_at IS NOT NULL AS revoked, state
           FROM api_key JOIN organisation USING (organisation_id) WHERE api_key_id = $1""",
        api_key_id,
    )
    if row is None:
        return None
    return Presented(key_hash=row["key_hash"], revoked=row["revoked"], state=MemberState(row["state"]))


async def note_use(reader: Reader, api_key_id: UUID, now: datetime) -> None:
    await reader.execute("UPDATE api_key SET last_used_at = $2 WHERE api_key_id = $1", api_key_id, now)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row["api_key_id"],
        version=row["version"],
        organisation_id=row["organisation_id"],
        name=row["name"],
        prefix=row["prefix"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )

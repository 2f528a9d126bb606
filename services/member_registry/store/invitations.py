"""Invitations to choose a password; only the hash of a code is kept."""

from datetime import datetime
from uuid import UUID

from common.database import Transaction


async def insert_invitation(tx: Transaction, code_hash: bytes, account_id: UUID, expires_at: datetime) -> None:
    await tx.execute(
        "INSERT INTO invitation (code_hash, account_id, expires_at) VALUES ($1, $2, $3)",
        code_hash,
        account_id,
        expires_at,
    )


async def take_invitation(tx: Transaction, code_hash: bytes) -> UUID | None:
    """The account a code is for; it and all other codes of that account are used up."""
    account_id: UUID | None = await tx.fetch_value(
        "DELETE FROM invitation WHERE code_hash = $1 AND expires_at > $2 RETURNING account_id", code_hash, tx.now
    )
    if account_id is not None:
        await tx.execute("DELETE FROM invitation WHERE account_id = $1", account_id)
    return account_id

"""Needs: written as a whole with every version, read for a change or for somebody who looks."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from common.database import Reader, Transaction
from project_matching.model.disclosure import Viewer
from project_matching.model.need import OPEN, Need
from project_matching.store.need_rows import COLUMNS, PLACEHOLDERS, READ, need_of, values_of

_INTO = f"need ({', '.join(COLUMNS)})"
_UPDATE = f"""
UPDATE need SET ({", ".join(COLUMNS)}) = ROW({PLACEHOLDERS}) WHERE id = $1 AND version = $2 - 1 RETURNING id
"""
SELECT = f"SELECT {READ}, p.name_zh AS organisation_name_zh, p.name_en AS organisation_name_en"
FROM = "FROM need n JOIN profile p USING (organisation_id)"
SEEN = """,
    EXISTS (SELECT FROM suggestion s WHERE s.need_id = n.id AND s.organisation_id = ANY($1) AND s.state = 'mutual')
        AS mutual,
    need_reach(n.id) AS reach
"""


@dataclass(frozen=True)
class SeenNeed:
    """A need together with what depends on who looks, and how many organisations it has reached."""

    need: Need
    mutual: bool
    suggested: int
    interested: int


def seen_of(row: Record) -> SeenNeed:
    suggested, interested = row["reach"]
    return SeenNeed(need_of(row), row["mutual"], suggested, interested)


def insert_need(tx: Transaction, need: Need) -> None:
    """Kept for the end of the transaction, where it travels with its event."""
    tx.insert(_INTO, PLACEHOLDERS, *values_of(need))


def update_need(tx: Transaction, need: Need) -> None:
    """The next version over the one before it; StaleVersion if that is no longer the last."""
    tx.save(_UPDATE, *values_of(need))


async def need_for_change(tx: Transaction, need_id: UUID) -> Need | None:
    """The need, its row locked until the transaction ends."""
    row = await tx.fetch_row(f"{SELECT} {FROM} WHERE n.id = $1 FOR NO KEY UPDATE OF n", need_id)
    return need_of(row) if row else None


async def seen_need(reader: Reader, need_id: UUID, viewer: Viewer) -> SeenNeed | None:
    """The need, whoever may read it: the caller asks `sight`."""
    row = await reader.fetch_row(f"{SELECT} {SEEN} {FROM} WHERE n.id = $2", list(viewer.organisation_ids), need_id)
    return seen_of(row) if row else None


async def open_needs(reader: Reader) -> list[Need]:
    """Every need that is proposed to organisations, for the engine's index."""
    rows = await reader.fetch(f"{SELECT} {FROM} WHERE n.state = ANY($1)", list(OPEN))
    return [need_of(row) for row in rows]


async def needs_with_ids(reader: Reader, need_ids: Collection[UUID]) -> list[Need]:
    rows = await reader.fetch(f"{SELECT} {FROM} WHERE n.id = ANY($1)", list(need_ids))
    return [need_of(row) for row in rows]

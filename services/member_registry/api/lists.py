"""Where a list that is sorted by id goes on."""

from uuid import UUID

from common.http import Cursor


def id_after(cursor: Cursor) -> UUID | None:
    """The last id of the previous page; None on the first one."""
    position = cursor.position(UUID)
    return position[0] if position else None

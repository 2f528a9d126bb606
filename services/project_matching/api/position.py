"""Reads a cursor's position back into the values it was made from."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from common.errors import FieldError, InvalidInput
from common.http import Cursor
from common.text import Bilingual


def position_in(cursor: Cursor, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """None on the first page. Raises InvalidInput for a cursor of another list or one made up."""
    if cursor.after is None:
        return None
    try:
        return tuple(read(part) for read, part in zip(readers, cursor.after, strict=True))
    except ValueError:
        raise InvalidInput(
            errors=(
                FieldError(
                    "cursor",
                    "cursor_invalid",
                    Bilingual(zh="不是此列表的游标", en="is not a cursor of this list"),
                    Bilingual(zh="请不带 cursor 从头开始", en="leave it out to start from the beginning"),
                ),
            )
        ) from None


def moment(text: str) -> datetime:
    """A point in time with its zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def whole(text: str) -> int:
    """A whole number as small as the database's."""
    found = int(text)
    if abs(found) > 2**31 - 1:
        raise ValueError(text)
    return found


identifier: Callable[[str], UUID] = UUID

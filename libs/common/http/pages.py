"""Lists in pages: an opaque cursor that says after what to go on, never an offset."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, ConfigDict

from common.errors import FieldError, InvalidInput
from common.text import Bilingual

Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """`next` is the cursor of the following page, null on the last."""

    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next: str | None = None


class Cursor:
    """What a list endpoint takes: `?cursor=&limit=`; `after` is what the previous page ended with."""

    def __init__(
        self,
        cursor: Annotated[str | None, Query(max_length=500, description="`next` of the previous page")] = None,
        limit: Annotated[int, Query(ge=1, le=100, description="entries a page")] = 20,
    ) -> None:
        self.limit = limit
        self.after = _decode(cursor) if cursor else None

    def position(self, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
        """The values the cursor was made of, None on the first page; InvalidInput for one that was made up."""
        if self.after is None:
            return None
        try:
            return tuple(read(part) for read, part in zip(readers, self.after, strict=True))
        except ValueError:
            raise _wrong_cursor() from None


def whole(text: str) -> int:
    """For `position`: a whole number as small as the database's."""
    found = int(text)
    if abs(found) > 2**31 - 1:
        raise ValueError(text)
    return found


def line(text: str) -> str:
    """For `position`: text that PostgreSQL can compare."""
    if "\0" in text:
        raise ValueError(text)
    return text


def page_of(
    rows: Sequence[Row], cursor: Cursor, view: Callable[[Row], Item], position: Callable[[Row], list[object]]
) -> Page[Item]:
    """A page of rows that were fetched with `limit + 1`; `position` gives the sort key of a row."""
    shown = rows[: cursor.limit]
    following = _encode(position(shown[-1])) if len(rows) > cursor.limit else None
    return Page(items=[view(row) for row in shown], next=following)


def _encode(position: list[object]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(position, default=str)).decode().rstrip("=")


def _decode(cursor: str) -> list[str]:
    try:
        found = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(found, list) and 0 < len(found) <= 4 and all(isinstance(v, str | int | float) for v in found):
            return [str(v) for v in found]
    except (ValueError, binascii.Error):
        pass
    raise _wrong_cursor()


def _wrong_cursor() -> InvalidInput:
    return InvalidInput(
        errors=(
            FieldError(
                "cursor",
                "cursor_invalid",
                Bilingual(zh="不是有效的游标", en="is not a cursor"),
                Bilingual(
                    zh="请使用上一页返回的 next，或不带 cursor 从头开始",
                    en="use `next` of the previous page, or leave it out",
                ),
            ),
        )
    )

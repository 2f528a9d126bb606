"""An item as outsiders see it, the same by pull and by stream."""

from datetime import datetime
from typing import Self
from uuid import UUID

import asyncpg
from pydantic import Field

from common.events.project_matching import Facet
from common.http import View
from common.text import Bilingual, BilingualText
from common.vocabulary import RecordKind
from feeds.model import ItemKind


class WordView(View):
    """A word that counted: as it stands in the need and, in a suggestion, in the profile with its points."""

    need: str
    profile: str | None = None
    points: float | None = None


class SubjectView(View):
    """What the item is about: a `need`, a `suggestion` or an `organisation`."""

    type: str
    id: UUID


class SubscriptionView(View):
    """The standing subscription that was hit."""

    id: UUID
    name: Bilingual


class ItemView(View):
    """One entry of a subscriber's list; never changes."""

    number: int = Field(description="position in this subscriber's list: 1, 2, 3 … without gaps", examples=[17])
    id: UUID
    kind: ItemKind
    at: datetime = Field(description="when what it tells of happened")
    title: Bilingual
    summary: BilingualText
    subject: SubjectView
    score: float | None = Field(description="of a suggestion: 0 to 1")
    words: list[WordView]
    facets: list[Facet]
    subscription: SubscriptionView | None
    record: RecordKind | None = Field(description="whether the need is a member's, a public record's or fictional")

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """The view of a stored item."""
        return cls.model_validate(
            {
                "number": row["number"],
                "id": row["item_id"],
                "kind": row["kind"],
                "at": row["at"],
                "title": {"zh": row["title_zh"], "en": row["title_en"]},
                "summary": {"zh": row["summary_zh"], "en": row["summary_en"]},
                "subject": {"type": row["subject_type"], "id": row["subject_id"]},
                "score": row["score"],
                "words": row["words"],
                "facets": row["facets"],
                "subscription": row["subscription"],
                "record": row["record"],
            }
        )


class ItemsView(View):
    """Items in the order of their numbers; `next` is what to ask for `after` the next time."""

    items: list[ItemView]
    next: int


def frame_of(view: ItemView) -> bytes:
    """An item as the server-sent event that every listener of its subscriber is sent (HTML standard, 9.2).

    Only LF and CR end its lines, but many clients split at whatever Unicode calls the end of a line: none is in it.
    """
    data = view.model_dump_json().encode()
    for end, escaped in _ENDS_OF_LINES:
        data = data.replace(end, escaped)
    return b"id: %d\nevent: item\ndata: %s\n\n" % (view.number, data)


_ENDS_OF_LINES = [(end.encode(), b"\\u%04x" % ord(end)) for end in "\u2028\u2029"]
"""Those that a text may have and JSON does not escape, and how it would."""

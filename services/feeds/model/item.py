"""An item: something to tell one subscriber, because of one event."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from common.events.base import Event
from common.events.project_matching import Facet
from common.text import Bilingual, BilingualText
from common.vocabulary import RecordKind


class ItemKind(StrEnum):
    """What an item is about."""

    subscription_hit = "subscription_hit"
    match_suggested = "match_suggested"
    match_answered = "match_answered"
    need_published = "need_published"
    need_returned = "need_returned"
    member_admitted = "member_admitted"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that counted: in the need and, when two texts were compared, in the profile with its points."""

    need: str
    profile: str | None = None
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """Something to tell one subscriber; its number is given when it is stored."""

    subscriber_id: UUID
    source_id: UUID
    source_version: int
    at: datetime
    kind: ItemKind
    title: Bilingual
    summary: BilingualText
    subject_type: str
    subject_id: UUID
    record: RecordKind | None = None
    score: float | None = None
    words: tuple[Word, ...] = ()
    facets: tuple[Facet, ...] = ()
    subscription: tuple[UUID, Bilingual] | None = None


def item_of(
    event: Event,
    subscriber_id: UUID,
    kind: ItemKind,
    *,
    title: Bilingual,
    summary: BilingualText,
    subject: tuple[str, UUID],
    record: RecordKind | None = None,
    score: float | None = None,
    words: tuple[Word, ...] = (),
    facets: tuple[Facet, ...] = (),
    subscription: tuple[UUID, Bilingual] | None = None,
) -> Item:
    return Item(
        subscriber_id,
        event.aggregate_id,
        event.version,
        event.at,
        kind,
        title,
        summary,
        *subject,
        record,
        score,
        words,
        facets,
        subscription,
    )

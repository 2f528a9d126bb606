"""The directory of organisations: by name in order, or found by words and codes and by names with typing errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common.database import Reader
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberKind, MemberState, RecordKind, Specialty
from member_registry.model.words import folded, query

_SHOWN = """organisation_id, version, kind, record, state, name_zh, name_en, uscc, ror, country, region, website,
summary_zh, summary_en, specialties, capabilities, provenance, updated_at, sort_name,
jsonb_array_length(items) AS items"""
_FILTERS = """admitted_at IS NOT NULL
    AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR record = $2) AND ($3::text IS NULL OR state = $3)
    AND ($4::text IS NULL OR $4 = ANY (specialties)) AND ($5::text IS NULL OR country = $5)
    AND ($6::text IS NULL OR region = $6)
    AND ($7::uuid[] IS NULL OR state IN ('active', 'grace') OR organisation_id = ANY ($7))"""
_IN_ORDER = f"""SELECT {_SHOWN}, 0 AS score FROM organisation WHERE {_FILTERS}
    AND ($8::text IS NULL OR (sort_name, organisation_id) > ($8, $9::uuid))
    ORDER BY sort_name, organisation_id LIMIT $10"""
# Three searches, each with its own index: a short name in Chinese has no trigram, and looking through the names is
# cheap only while the words beside them stay unread.
_FOUND = f"""SELECT * FROM (
    SELECT {_SHOWN}, (10000 * (ts_rank(words, $8::text::tsquery) + word_similarity($9, names)
        + (names LIKE $10)::int))::int AS score
    FROM organisation WHERE {_FILTERS} AND organisation_id IN (
        SELECT organisation_id FROM organisation WHERE words @@ $8::text::tsquery
        UNION SELECT organisation_id FROM organisation WHERE names LIKE $10
        UNION SELECT organisation_id FROM organisation WHERE $9 <% names)
    ) AS found
    WHERE $11::int IS NULL OR (score, organisation_id) < ($11, $12::uuid)
    ORDER BY score DESC, organisation_id DESC LIMIT $13"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for; `own` are the organisations shown in any state, None shows every state."""

    q: str | None = None
    kind: MemberKind | None = None
    record: RecordKind | None = None
    state: MemberState | None = None
    specialty: Specialty | None = None
    country: str | None = None
    region: str | None = None
    own: Sequence[UUID] | None = None

    @property
    def words(self) -> str:
        return (self.q or "").strip()

    def values(self) -> tuple[object, ...]:
        own = None if self.own is None else list(self.own)
        return self.kind, self.record, self.state, self.specialty, self.country, self.region, own


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An organisation as a list shows it, without its items."""

    id: UUID
    version: int
    name: Bilingual
    kind: MemberKind
    record: RecordKind
    state: MemberState
    row: Any
    summary: BilingualText
    position: list[object]


async def listed(reader: Reader, wanted: Filter, after: tuple[Any, ...] | None, limit: int) -> list[Listed]:
    """One page and one more: by name, or best first when words are asked for."""
    if wanted.words:
        rows = await reader.fetch(_FOUND, *wanted.values(), *_search(wanted.words), *(after or (None, None)), limit + 1)
    else:
        rows = await reader.fetch(_IN_ORDER, *wanted.values(), *(after or (None, None)), limit + 1)
    return [_listed(row, by_score=bool(wanted.words)) for row in rows]


def _search(text: str) -> tuple[object, ...]:
    """The query, the text as names are stored, and its LIKE pattern."""
    name = text.lower()
    escaped = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return query(text) or "", folded(text), f"%{escaped}%"


def _listed(row: Any, *, by_score: bool) -> Listed:
    return Listed(
        id=row["organisation_id"],
        version=row["version"],
        name=Bilingual(zh=row["name_zh"], en=row["name_en"]),
        kind=MemberKind(row["kind"]),
        record=RecordKind(row["record"]),
        state=MemberState(row["state"]),
        row=row,
        summary=BilingualText(zh=row["summary_zh"], en=row["summary_en"]),
        position=[row["score"] if by_score else row["sort_name"], str(row["organisation_id"])],
    )

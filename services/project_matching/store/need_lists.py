"""Lists of needs: what a viewer may see, narrowed by words and codes, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.database import Reader
from common.vocabulary import AchievementType, NeedState, RecordKind, Specialty, WantedSide
from project_matching.model.disclosure import Viewer
from project_matching.model.need import PUBLIC
from project_matching.store.needs import FROM, SEEN, SELECT, SeenNeed, seen_of

_OWN = "(n.organisation_id = ANY($1) OR ($2 AND n.posted_by_secretariat))"
_ENTITLED = f"({_OWN} OR ($2 AND n.submitted_at IS NOT NULL))"
_VISIBLE = f"(n.state = ANY($3) OR {_ENTITLED})"
"""The same rule as `model.disclosure.sight`; a test holds the two together."""


@dataclass(frozen=True, kw_only=True)
class NeedFilter:
    """What a list is narrowed to; None asks for nothing. `words` is a tsquery."""

    words: str | None = None
    state: NeedState | None = None
    specialty: Specialty | None = None
    achievement_type: AchievementType | None = None
    wanted: WantedSide | None = None
    record: RecordKind | None = None
    mine: bool = False

    @property
    def oldest_first(self) -> bool:
        """A queue is worked off from its beginning; everything else shows what is new."""
        return self.state is NeedState.submitted


async def seen_needs(
    reader: Reader, viewer: Viewer, wanted: NeedFilter, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[SeenNeed]:
    """At most `limit` needs in the order of when they entered their state, after this position."""
    arguments: list[Any] = [list(viewer.organisation_ids), viewer.secretariat, list(PUBLIC)]
    conditions = [_VISIBLE]

    def narrow(condition: str, *values: object) -> None:
        first = len(arguments) + 1
        arguments.extend(values)
        conditions.append(condition.format(*(f"${first + n}" for n in range(len(values)))))

    if wanted.words is not None:
        entitled = f"n.words @@ {{0}}::text::tsquery AND {_ENTITLED}"
        narrow(f"(n.disclosed_words @@ {{0}}::text::tsquery OR ({entitled}))", wanted.words)
    for column in ("state", "specialty", "achievement_type", "record"):
        if (value := getattr(wanted, column)) is not None:
            narrow(f"n.{column} = {{0}}", value)
    if wanted.wanted is not None:
        narrow("{0} = ANY(n.wanted)", wanted.wanted)
    if wanted.mine:
        conditions.append(_OWN)
    if after is not None:
        narrow(f"(n.in_state_since, n.id) {'>' if wanted.oldest_first else '<'} ({{0}}, {{1}})", *after)
    order = "ASC" if wanted.oldest_first else "DESC"
    sql = (
        f"{SELECT} {SEEN} {FROM} WHERE {' AND '.join(conditions)}"
        f" ORDER BY n.in_state_since {order}, n.id {order} LIMIT {int(limit)}"
    )
    rows = await reader.fetch(sql, *arguments)
    return [seen_of(row) for row in rows]

"""Suggestions: proposed pairs come in once, wait for their account, are read and answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from common.database import Reader, Transaction
from common.ids import new_id
from project_matching.model.explanation import Explanation
from project_matching.model.need import OPEN
from project_matching.model.suggestion import Answer, Suggestion
from project_matching.store.suggestion_rows import FROM, SELECT, answer_column, suggestion_of

_INSERT = """
WITH open AS (SELECT id FROM need WHERE id = ANY($2) AND state = ANY($6) ORDER BY id FOR SHARE)
INSERT INTO suggestion AS s (id, version, need_id, organisation_id, profile_version, state, score_millionths, trace,
                        created_at)
SELECT c.id, 1, c.need_id, c.organisation_id, c.profile_version, 'suggested', c.score, $7, $8
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::int[])
     AS c (id, need_id, organisation_id, profile_version, score)
JOIN open ON open.id = c.need_id
ORDER BY c.need_id, c.organisation_id
ON CONFLICT (need_id, organisation_id) DO UPDATE SET profile_version = excluded.profile_version
WHERE s.explanation IS NULL AND s.profile_version < excluded.profile_version
RETURNING id
"""
# A pair that is found again waits for the row lock of an explainer that may be about to drop it as no longer true.
_CHUNK = 1000


@dataclass(frozen=True)
class Unexplained:
    """A pair that waits for its account."""

    id: UUID
    need_id: UUID
    organisation_id: UUID
    trace: Mapping[str, str]


async def insert_suggestions(
    tx: Transaction, pairs: Sequence[tuple[UUID, UUID, int, int]], *, trace: Mapping[str, str]
) -> int:
    """How many of these now wait for their account: (need, organisation, version of the profile, score in millionths).

    A pair that was suggested before is left alone; a need that was closed meanwhile gets none.
    """
    inserted = 0
    once = list({pair[:2]: pair for pair in pairs}.values())
    for start in range(0, len(once), _CHUNK):
        columns = [list(column) for column in zip(*once[start : start + _CHUNK], strict=True)]
        ids = [new_id() for _ in columns[0]]
        rows = await tx.fetch(_INSERT, ids, *columns, list(OPEN), dict(trace), tx.now)
        inserted += len(rows)
    return inserted


async def take_unexplained(tx: Transaction, limit: int) -> list[Unexplained]:
    """The best that wait, locked for this transaction; other workers pass over them.

    One waits until the copy of the profile is as new as the one it was found with.
    """
    rows = await tx.fetch(
        """
        SELECT s.id, s.need_id, s.organisation_id, s.trace FROM suggestion s
        WHERE s.explanation IS NULL
          AND EXISTS (SELECT FROM need n WHERE n.id = s.need_id AND n.state = ANY($1))
          AND EXISTS (SELECT FROM profile p
                      WHERE p.organisation_id = s.organisation_id AND p.version >= s.profile_version)
        ORDER BY s.score_millionths DESC LIMIT $2 FOR UPDATE OF s SKIP LOCKED
        """,
        list(OPEN),
        limit,
    )
    return [Unexplained(row["id"], row["need_id"], row["organisation_id"], row["trace"]) for row in rows]


async def keep_explanations(tx: Transaction, explained: Sequence[tuple[UUID, int, Explanation]]) -> None:
    """The accounts of these suggestions, with the score they add up to."""
    if not explained:
        return
    ids, scores, explanations = zip(*explained, strict=True)
    await tx.execute(
        """
        UPDATE suggestion s SET score_millionths = e.score, explanation = e.explanation
        FROM unnest($1::uuid[], $2::int[], $3::jsonb[]) AS e (id, score, explanation) WHERE s.id = e.id
        """,
        list(ids),
        list(scores),
        [explanation.model_dump(mode="json") for explanation in explanations],
    )


async def drop_suggestions(tx: Transaction, suggestion_ids: Sequence[UUID]) -> None:
    """Those nobody has been told of, whose reason was gone before they could be."""
    sql = "DELETE FROM suggestion WHERE id = ANY($1) AND explanation IS NULL"
    await tx.execute(sql, list(suggestion_ids))


async def suggestion_with_id(reader: Reader, suggestion_id: UUID) -> Suggestion | None:
    row = await reader.fetch_row(f"{SELECT} {FROM} AND s.id = $1", suggestion_id)
    return suggestion_of(row) if row else None


async def suggestion_for_change(tx: Transaction, suggestion_id: UUID) -> Suggestion | None:
    """The suggestion, its need's row locked before its own: matching takes the locks of the two in that order too."""
    need = "SELECT need_id FROM suggestion WHERE id = $1"
    await tx.execute(f"SELECT FROM need WHERE id = ({need}) FOR NO KEY UPDATE", suggestion_id)
    row = await tx.fetch_row(f"{SELECT} {FROM} AND s.id = $1 FOR NO KEY UPDATE OF s", suggestion_id)
    return suggestion_of(row) if row else None


def save_answers(tx: Transaction, suggestion: Suggestion) -> None:
    """The next version of a suggestion; only its state and answers ever change."""
    tx.save(
        """
        UPDATE suggestion SET version = $2, state = $3, need_side_answer = $4, organisation_side_answer = $5
        WHERE id = $1 AND version = $2 - 1 RETURNING id
        """,
        suggestion.id,
        suggestion.version,
        suggestion.state,
        _column(suggestion.need_side),
        _column(suggestion.organisation_side),
    )


def _column(answer: Answer | None) -> dict[str, object] | None:
    return answer_column(answer) if answer else None


async def suggestions_of_need(
    reader: Reader,
    need_id: UUID,
    organisation_ids: Sequence[UUID] | None,
    *,
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[Suggestion]:
    """Best first; only those of these organisations, of all where None is given."""
    rows = await reader.fetch(
        f"""
        {SELECT} {FROM} AND s.need_id = $1 AND ($2::uuid[] IS NULL OR s.organisation_id = ANY($2))
            AND ($3::int IS NULL OR (s.score_millionths, s.id) < ($3, $4))
        ORDER BY s.score_millionths DESC, s.id DESC LIMIT $5
        """,
        need_id,
        None if organisation_ids is None else list(organisation_ids),
        *(after or (None, None)),
        limit,
    )
    return [suggestion_of(row) for row in rows]


async def suggestions_of(
    reader: Reader,
    organisation_ids: Sequence[UUID],
    *,
    waiting: bool,
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[Suggestion]:
    """Those in which these organisations are on either side, best first; `waiting`: still to be answered by them."""
    to_answer = """
        AND s.state IN ('suggested', 'interested') AND n.state = ANY($5) AND p.state IN ('active', 'grace')
        AND ((s.organisation_id = ANY($1) AND s.organisation_side_answer IS NULL)
             OR (n.organisation_id = ANY($1) AND s.need_side_answer IS NULL))
    """
    rows = await reader.fetch(
        f"""
        {SELECT} {FROM} AND (s.organisation_id = ANY($1) OR n.organisation_id = ANY($1))
            AND ($2::int IS NULL OR (s.score_millionths, s.id) < ($2, $3)) {to_answer if waiting else ""}
        ORDER BY s.score_millionths DESC, s.id DESC LIMIT $4
        """,
        list(organisation_ids),
        *(after or (None, None)),
        limit,
        *([list(OPEN)] if waiting else []),
    )
    return [suggestion_of(row) for row in rows]

"""A suggestion as a row, together with what it shows of its need and of the organisation."""

from datetime import datetime
from typing import Any

from asyncpg import Record

from common.text import Bilingual, BilingualText
from common.vocabulary import (
    DeclineReason,
    MemberKind,
    MemberState,
    NeedState,
    RecordKind,
    Specialty,
    SuggestionState,
)
from project_matching.model.explanation import Explanation
from project_matching.model.need import Organisation
from project_matching.model.suggestion import Answer, SuggestedNeed, Suggestion

SELECT = """
SELECT s.id, s.version, s.state, s.score_millionths, s.explanation, s.need_side_answer, s.organisation_side_answer,
       s.created_at, s.organisation_id, p.name_zh, p.name_en, p.kind, p.record, p.state AS organisation_state,
       n.id AS need_id, n.title_zh, n.title_en, n.organisation_id AS poster_id, o.name_zh AS poster_zh,
       o.name_en AS poster_en, n.specialty, n.record AS need_record, n.state AS need_state
"""
FROM = """
FROM suggestion s JOIN profile p USING (organisation_id) JOIN need n ON n.id = s.need_id
    JOIN profile o ON o.organisation_id = n.organisation_id
WHERE s.explanation IS NOT NULL
"""
"""Every suggestion somebody may be told of; a condition follows with AND."""


def suggestion_of(row: Record) -> Suggestion:
    return Suggestion(
        id=row["id"],
        version=row["version"],
        need=_need_of(row),
        organisation=Organisation(
            row["organisation_id"],
            Bilingual(zh=row["name_zh"], en=row["name_en"]),
            MemberKind(row["kind"]),
            RecordKind(row["record"]),
            MemberState(row["organisation_state"]),
        ),
        state=SuggestionState(row["state"]),
        score_millionths=row["score_millionths"],
        explanation=Explanation.model_validate(row["explanation"]),
        need_side=_answer_of(row["need_side_answer"]),
        organisation_side=_answer_of(row["organisation_side_answer"]),
        created_at=row["created_at"],
    )


def _need_of(row: Record) -> SuggestedNeed:
    return SuggestedNeed(
        row["need_id"],
        Bilingual(zh=row["title_zh"], en=row["title_en"]),
        row["poster_id"],
        Bilingual(zh=row["poster_zh"], en=row["poster_en"]),
        Specialty(row["specialty"]),
        RecordKind(row["need_record"]),
        NeedState(row["need_state"]),
    )


def answer_column(answer: Answer) -> dict[str, Any]:
    return {
        "answer": "interested" if answer.interested else "declined",
        "at": answer.at.isoformat(),
        "reason": answer.reason,
        "text": answer.text.model_dump() if answer.text else None,
    }


def _answer_of(column: dict[str, Any] | None) -> Answer | None:
    if column is None:
        return None
    return Answer(
        interested=column["answer"] == "interested",
        at=datetime.fromisoformat(column["at"]),
        reason=DeclineReason(column["reason"]) if column["reason"] else None,
        text=BilingualText.model_validate(column["text"]) if column["text"] else None,
    )

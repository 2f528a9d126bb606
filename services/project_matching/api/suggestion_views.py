"""Suggestions as callers send and see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from common.events.project_matching import Facet
from common.http import Body, View
from common.text import Bilingual, BilingualText
from common.vocabulary import DeclineReason, MemberKind, RecordKind, Specialty, SuggestionState
from project_matching.api.views import OrganisationRef
from project_matching.model.explanation import Word
from project_matching.model.suggestion import Answer, Suggestion


class AnswerBody(Body):
    """What one side says; declining needs a reason, `other` needs words."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answer": "interested"}, {"answer": "declined", "reason": "too_early"}]}
    )

    answer: Literal["interested", "declined"]
    reason: DeclineReason | None = None
    text: BilingualText | None = None


class NeedRef(View):
    """The need of a suggestion: title and codes, never what is not disclosed."""

    id: UUID
    title: Bilingual
    organisation: OrganisationRef
    specialty: Specialty


class CandidateRef(OrganisationRef):
    """The organisation that may be able to meet the need."""

    kind: MemberKind
    record: RecordKind


class ItemRef(View):
    """The item of the profile that has most to do with the need."""

    title: Bilingual


class AnswerView(View):
    """What one side said."""

    answer: Literal["interested", "declined"]
    reason: DeclineReason | None
    text: BilingualText | None
    at: datetime


class AnswersView(View):
    """Both sides; null where nothing was said yet."""

    need_side: AnswerView | None
    organisation_side: AnswerView | None


class EngineView(View):
    """By what the score was computed."""

    version: str
    statistics: str


class SuggestionView(View):
    """A suggestion with the whole account of its score; it is a match only in the state `mutual`."""

    id: UUID
    need: NeedRef
    organisation: CandidateRef
    state: SuggestionState
    score: float
    facets: tuple[Facet, ...]
    words: tuple[Word, ...]
    item: ItemRef | None
    would_change: BilingualText | None
    answers: AnswersView
    engine: EngineView
    created_at: datetime
    version: int


def suggestion_view(suggestion: Suggestion) -> SuggestionView:
    """The same for both sides: whoever may see it may see why it was made and what the other side said."""
    need, candidate, why = suggestion.need, suggestion.organisation, suggestion.explanation
    poster = OrganisationRef(id=need.organisation_id, name=need.organisation_name)
    return SuggestionView(
        id=suggestion.id,
        need=NeedRef(id=need.id, title=need.title, organisation=poster, specialty=need.specialty),
        organisation=CandidateRef(id=candidate.id, name=candidate.name, kind=candidate.kind, record=candidate.record),
        state=suggestion.shown_state,
        score=suggestion.score_millionths / 1_000_000,
        facets=why.facets,
        words=why.words,
        item=ItemRef(title=why.item_title) if why.item_title else None,
        would_change=why.would_change,
        answers=AnswersView(
            need_side=_answer_view(suggestion.need_side), organisation_side=_answer_view(suggestion.organisation_side)
        ),
        engine=EngineView(version=why.engine, statistics=why.statistics),
        created_at=suggestion.created_at,
        version=suggestion.version,
    )


def _answer_view(answer: Answer | None) -> AnswerView | None:
    if answer is None:
        return None
    word: Literal["interested", "declined"] = "interested" if answer.interested else "declined"
    return AnswerView(answer=word, reason=answer.reason, text=answer.text, at=answer.at)

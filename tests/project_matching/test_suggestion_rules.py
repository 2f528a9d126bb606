"""The rules of answering, without anything around them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from common.errors import Conflict, InvalidInput
from common.ids import new_id
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
from project_matching.model.suggestion import Answer, Side, SuggestedNeed, Suggestion, check_answer

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
NEED = SuggestedNeed(
    new_id(), Bilingual(en="A need"), new_id(), Bilingual(en="A hospital"), Specialty.icas, RecordKind.member,
    NeedState.published,
)  # fmt: skip
FIRM = Organisation(new_id(), Bilingual(en="A firm"), MemberKind.enterprise, RecordKind.member, MemberState.active)
WHY = Explanation(facets=(), words=(), item_title=None, would_change=None, engine="1", statistics="x")
FRESH = Suggestion(
    id=new_id(), version=1, need=NEED, organisation=FIRM, state=SuggestionState.suggested, score_millionths=1,
    explanation=WHY, need_side=None, organisation_side=None, created_at=NOW,
)  # fmt: skip
YES, NO = Answer(interested=True, at=NOW), Answer(interested=False, at=NOW, reason=DeclineReason.too_early)


@pytest.mark.parametrize("first", Side)
def test_only_interest_of_both_sides_is_a_match(first: Side) -> None:
    second = next(side for side in Side if side is not first)
    once = FRESH.answered(first, YES)
    assert once.state is SuggestionState.interested
    assert once.answered(second, YES).state is SuggestionState.mutual
    assert once.answered(second, NO).state is SuggestionState.declined
    assert once.answered(second, YES).version == 3


@pytest.mark.parametrize("side", Side)
def test_a_side_answers_once(side: Side) -> None:
    with pytest.raises(Conflict) as refusal:
        FRESH.answered(side, YES).answered(side, NO)
    assert refusal.value.code == "already_answered"


def test_the_event_says_whose_answer_it_was_and_what_became_of_it() -> None:
    event = FRESH.answered(Side.need_side, NO).answer_event(Side.need_side)
    assert (event.by_need_side, event.interested, event.reason) == (True, False, DeclineReason.too_early)
    assert (event.state, event.version) == (SuggestionState.declined, 2)


@pytest.mark.parametrize("state", [NeedState.withdrawn, NeedState.expired, NeedState.in_project, NeedState.met])
def test_an_undecided_suggestion_lapses_with_its_need(state: NeedState) -> None:
    lapsed = replace(FRESH, need=replace(NEED, state=state))
    assert lapsed.shown_state is SuggestionState.lapsed
    with pytest.raises(Conflict) as refusal:
        lapsed.answered(Side.need_side, YES)
    assert refusal.value.code == "suggestion_lapsed"
    mutual = replace(lapsed, state=SuggestionState.mutual)
    assert mutual.shown_state is SuggestionState.mutual


def test_a_suspended_organisation_cannot_be_answered() -> None:
    lapsed = replace(FRESH, organisation=replace(FIRM, state=MemberState.suspended))
    assert lapsed.shown_state is SuggestionState.lapsed


def test_declining_needs_a_reason_and_other_needs_words() -> None:
    words = BilingualText(en="we closed that line")
    check_answer(interested=True, reason=None, text=None)
    check_answer(interested=False, reason=DeclineReason.not_strategic, text=None)
    check_answer(interested=False, reason=DeclineReason.other, text=words)
    for interested, reason in ((False, None), (True, DeclineReason.other), (False, DeclineReason.other)):
        with pytest.raises(InvalidInput):
            check_answer(interested=interested, reason=reason, text=BilingualText())

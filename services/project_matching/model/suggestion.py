"""A suggestion and its answers: only when both sides have said they are interested is it a match (U16)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

from common.errors import Conflict, FieldError, InvalidInput
from common.events.project_matching import MatchAnswered
from common.text import Bilingual, BilingualText
from common.vocabulary import DeclineReason, NeedState, RecordKind, Specialty, SuggestionState
from project_matching.model.explanation import Explanation
from project_matching.model.need import OPEN, Organisation

UNDECIDED = frozenset({SuggestionState.suggested, SuggestionState.interested})


class Side(Enum):
    """Whose answer it is."""

    need_side = "need_side"
    organisation_side = "organisation_side"


@dataclass(frozen=True)
class Answer:
    """Interested, or declined with a coded reason that goes to the other side (U2, U3)."""

    interested: bool
    at: datetime
    reason: DeclineReason | None = None
    text: BilingualText | None = None


@dataclass(frozen=True)
class SuggestedNeed:
    """What a suggestion shows of its need: no more than the title and codes."""

    id: UUID
    title: Bilingual
    organisation_id: UUID
    organisation_name: Bilingual
    specialty: Specialty
    record: RecordKind
    state: NeedState


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One version of a suggestion."""

    id: UUID
    version: int
    need: SuggestedNeed
    organisation: Organisation
    state: SuggestionState
    score_millionths: int
    explanation: Explanation
    need_side: Answer | None
    organisation_side: Answer | None
    created_at: datetime

    @property
    def shown_state(self) -> SuggestionState:
        """Lapsed where an undecided suggestion can no longer lead anywhere."""
        return SuggestionState.lapsed if self.state in UNDECIDED and not self._answerable else self.state

    @property
    def _answerable(self) -> bool:
        return self.need.state in OPEN and self.organisation.state.may_act

    def answer_of(self, side: Side) -> Answer | None:
        return self.need_side if side is Side.need_side else self.organisation_side

    def answered(self, side: Side, answer: Answer) -> "Suggestion":
        """With this side's answer. Conflict if it has answered, if the other declined, or if it has lapsed."""
        if self.answer_of(side) is not None:
            raise Conflict(_ANSWERED, code="already_answered")
        if self.state is SuggestionState.declined:
            raise Conflict(_DECLINED, code="already_declined")
        if not self._answerable:
            raise Conflict(_LAPSED, code="suggestion_lapsed")
        changed = replace(self, version=self.version + 1, state=self._state_after(answer))
        if side is Side.need_side:
            return replace(changed, need_side=answer)
        return replace(changed, organisation_side=answer)

    def _state_after(self, answer: Answer) -> SuggestionState:
        if not answer.interested:
            return SuggestionState.declined
        both = self.state is SuggestionState.interested
        return SuggestionState.mutual if both else SuggestionState.interested

    def answer_event(self, side: Side) -> MatchAnswered:
        """The fact of the answer this side has just given."""
        answer = self.answer_of(side)
        assert answer is not None
        return MatchAnswered(
            version=self.version,
            at=answer.at,
            suggestion_id=self.id,
            need_id=self.need.id,
            need_organisation_id=self.need.organisation_id,
            need_title=self.need.title,
            need_record=self.need.record,
            organisation_id=self.organisation.id,
            organisation_name=self.organisation.name,
            by_need_side=side is Side.need_side,
            interested=answer.interested,
            reason=answer.reason,
            state=self.state,
        )


def check_answer(*, interested: bool, reason: DeclineReason | None, text: BilingualText | None) -> None:
    """Raises InvalidInput: a refusal needs its code, `other` needs words, interest has no reason."""
    if interested and reason is not None:
        raise _wrong("reason", "not_with_interest", "有意向时不填原因", "belongs to declining only")
    if not interested and reason is None:
        raise _wrong("reason", "missing", "请选择婉拒原因", "a reason is needed to decline")
    if reason is DeclineReason.other and (text is None or text.empty):
        raise _wrong("text", "missing", "选择“其他”时请说明", "say what the other reason is")


def _wrong(field: str, code: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(errors=(FieldError(field, code, Bilingual(zh=zh, en=en)),))


_ANSWERED = Bilingual(zh="本方已经答复过。", en="This side has answered already.")
_DECLINED = Bilingual(zh="对方已婉拒。", en="The other side has declined.")
_LAPSED = Bilingual(
    zh="需求已结束，或该单位目前不在有效会员期内。",
    en="The need is closed, or the organisation is not active at present.",
)

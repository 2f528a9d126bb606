"""The rules alone: a need's life, what is complete, who sees how much, answers, and the words of the search."""

from collections.abc import Callable, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from common.errors import AllianceError, Conflict, InvalidInput
from common.ids import new_id
from common.text import Bilingual, BilingualText
from common.vocabulary import (
    AchievementType,
    Disclosure,
    MemberKind,
    MemberState,
    NeedState,
    RecordKind,
    Specialty,
    WantedSide,
)
from project_matching.model import facts
from project_matching.model.completeness import check_complete
from project_matching.model.content import NeedContent, stale_translations
from project_matching.model.disclosure import Sight, Viewer, sight
from project_matching.model.need import OPEN, PUBLIC, WITHDRAWABLE, Need, Organisation, new_need
from project_matching.model.words import indexed_words, search_expression

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
HOSPITAL = Organisation(new_id(), Bilingual(zh="医院"), MemberKind.hospital, RecordKind.member, MemberState.active)
CONTENT = NeedContent(
    title=Bilingual(zh="标题", en="A title"),
    problem=BilingualText(en="secret problem"),
    population=BilingualText(en="secret population"),
    outcome=BilingualText(zh="保密结果"),
    workflow_step=BilingualText(zh="保密环节"),
    specialty=Specialty.aneurysm,
    achievement_type=AchievementType.consumable,
    wanted=(WantedSide.enterprise,),
)
DRAFT = new_need(new_id(), HOSPITAL, CONTENT, by_secretariat=False, now=NOW)
REASON = BilingualText(en="unclear")


def need_in(state: NeedState, **content: Any) -> Need:
    """A need in this state that has come there by the usual way."""
    need = replace(DRAFT, content=replace(CONTENT, **content))
    if state is NeedState.draft:
        return need
    need = need.submitted(NOW)
    if state is NeedState.submitted:
        return need
    if state is NeedState.withdrawn:
        return need.withdrawn(None, NOW)
    need = need.published(NOW)
    return replace(need, state=state) if state is not NeedState.published else need


STEPS: dict[str, tuple[Set[NeedState], Callable[[Need], Need]]] = {
    "revised": ({NeedState.draft}, lambda need: need.revised(CONTENT)),
    "submitted": ({NeedState.draft}, lambda need: need.submitted(NOW)),
    "published": ({NeedState.submitted}, lambda need: need.published(NOW)),
    "returned": ({NeedState.submitted}, lambda need: need.returned(REASON, NOW)),
    "matched": ({NeedState.published}, lambda need: need.matched(NOW)),
    "withdrawn": (WITHDRAWABLE, lambda need: need.withdrawn(None, NOW)),
}


@pytest.mark.parametrize(("state", "step"), list(product(NeedState, STEPS)))
def test_each_step_is_possible_in_its_states_only_and_raises_the_version_by_one(state: NeedState, step: str) -> None:
    allowed, take = STEPS[step]
    need = need_in(state)
    if state in allowed:
        assert take(need).version == need.version + 1
    else:
        with pytest.raises(Conflict) as refusal:
            take(need)
        assert refusal.value.detail
        assert refusal.value.detail.zh
        assert refusal.value.detail.en


def test_a_returned_need_is_as_private_as_a_draft_again() -> None:
    returned = need_in(NeedState.submitted).returned(REASON, NOW)
    secretariat = Viewer((), secretariat=True)
    assert sight(need_in(NeedState.submitted), secretariat, mutual=False) is Sight.full
    assert sight(returned, secretariat, mutual=False) is Sight.nothing
    assert sight(returned.withdrawn(None, NOW), secretariat, mutual=False) is Sight.nothing


OWNER = Viewer((HOSPITAL.id,), secretariat=False)
OTHER = Viewer((new_id(),), secretariat=False)
SECRETARIAT = Viewer((), secretariat=True)


@pytest.mark.parametrize(("state", "disclosure"), list(product(NeedState, Disclosure)))
def test_who_sees_how_much(state: NeedState, disclosure: Disclosure) -> None:
    need = need_in(state, disclosure=disclosure)
    assert sight(need, OWNER, mutual=False) is Sight.full
    assert sight(need, SECRETARIAT, mutual=False) is (Sight.nothing if state is NeedState.draft else Sight.full)
    if state not in PUBLIC:
        assert sight(need, OTHER, mutual=True) is Sight.nothing
        return
    assert sight(need, OTHER, mutual=True) is Sight.full
    told = Sight.full if disclosure is Disclosure.summary else Sight.redacted
    assert sight(need, OTHER, mutual=False) is told


@pytest.mark.parametrize("disclosure", Disclosure)
def test_an_event_carries_only_what_is_disclosed(disclosure: Disclosure) -> None:
    told = facts.published(need_in(NeedState.published, disclosure=disclosure), NOW).model_dump_json()
    assert ("secret" in told) == (disclosure is Disclosure.summary)
    assert ("保密" in told) == (disclosure is Disclosure.summary)
    assert "A title" in told


@pytest.mark.parametrize("state", [NeedState.draft, NeedState.submitted])
def test_what_is_told_of_a_change_has_no_text_but_the_title(state: NeedState) -> None:
    told = facts.changed(need_in(state), NOW)
    assert told.title == (None if state is NeedState.draft else CONTENT.title)
    assert "secret" not in told.model_dump_json()


def test_every_gap_is_named_once_with_a_remedy_in_both_languages() -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_complete(NeedContent(title=Bilingual(en="Only a title")))
    errors = refusal.value.errors
    assert len({error.field for error in errors}) == len(errors) == 7
    assert all(e.message.zh and e.message.en and e.remedy and e.remedy.zh and e.remedy.en for e in errors)
    check_complete(CONTENT)


@pytest.mark.parametrize("field", ["problem", "population", "outcome", "workflow_step", "specialty", "wanted"])
def test_one_missing_part_is_enough_to_refuse(field: str) -> None:
    empty: Any = {"specialty": None, "wanted": ()}.get(field, BilingualText())
    with pytest.raises(InvalidInput) as refusal:
        check_complete(replace(CONTENT, **{field: empty}))
    assert [error.field for error in refusal.value.errors] == [field]


def test_a_translation_is_stale_when_only_the_other_language_was_revised() -> None:
    revised = DRAFT.revised(replace(CONTENT, title=Bilingual(zh="新标题", en="A title")))
    assert stale_translations(revised.text_revisions) == ("title.en",)
    both = revised.revised(replace(CONTENT, title=Bilingual(zh="新标题", en="A new title")))
    assert stale_translations(both.text_revisions) == ("title.zh",)
    assert stale_translations(DRAFT.text_revisions) == ()


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("颅内动脉瘤的栓塞治疗", "动脉瘤", True),
        ("颅内动脉瘤的栓塞治疗", "瘤", True),
        ("颅内动脉瘤的栓塞治疗", "颅内动脉瘤治疗", True),
        ("颅内动脉瘤的栓塞治疗", "静脉", False),
        ("Recurrence of aneurysms", "aneurysm recurrent", True),
        ("Recurrence of aneurysms", "aneu", True),
        ("Recurrence of aneurysms", "thrombus", False),
        ("使用 3D 打印的导管", "3d 导管", True),
    ],
)
def test_the_words_of_a_query_are_found_in_either_language(text: str, query: str, found: bool) -> None:
    words = indexed_words([text])
    expression = search_expression(query)
    assert expression
    wanted = [part.strip("'") for part in expression.replace("':*", "*").replace("'", "").split(" & ")]
    matched = all(any(w.startswith(p[:-1]) if p.endswith("*") else w == p for w in words) for p in wanted)
    assert matched is found


@given(some.text(max_size=300))
@example("\u4dc0\u4e00'")  # a symbol that stands among the characters
def test_no_query_can_break_out_of_its_quotes(query: str) -> None:
    expression = search_expression(query)
    if expression is not None:
        for part in expression.split(" & "):
            word = part.removesuffix(":*")
            assert word[0] == word[-1] == "'"
            assert word[1:-1].isalnum()


def test_open_needs_are_public_and_a_need_that_ended_is_not_open() -> None:
    assert OPEN < PUBLIC
    assert NeedState.withdrawn not in PUBLIC
    assert issubclass(Conflict, AllianceError)
    assert need_in(NeedState.published).matched(NOW + timedelta(hours=1)).in_state_since > NOW

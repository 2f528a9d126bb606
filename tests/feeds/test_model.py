"""What an event becomes for whom: the right subscribers, both languages, nothing that was not disclosed."""

from uuid import UUID

import pytest

from common.events.base import Event
from common.ids import new_id
from common.text import Bilingual, BilingualText
from common.vocabulary import DeclineReason, Disclosure, MemberKind, MemberState, RecordKind, SuggestionState
from feeds.model import Item, ItemKind, items_for
from tests.facts import admitted, answered, changed, hit, published, suggested

POSTER, ENTERPRISE = new_id(), new_id()


def only(event: Event) -> Item:
    """The one item of this event."""
    (item,) = items_for([event])
    return item


def told_to(*events: Event) -> list[tuple[UUID, ItemKind]]:
    return [(item.subscriber_id, item.kind) for item in items_for(events)]


def test_a_hit_is_told_to_whoever_subscribed_and_not_to_the_poster() -> None:
    assert told_to(hit(ENTERPRISE, need_organisation_id=POSTER)) == [(ENTERPRISE, ItemKind.subscription_hit)]


def test_a_suggestion_is_told_to_both_sides() -> None:
    assert told_to(suggested(ENTERPRISE, POSTER)) == [
        (ENTERPRISE, ItemKind.match_suggested),
        (POSTER, ItemKind.match_suggested),
    ]


def test_an_answer_is_told_to_the_other_side_only() -> None:
    assert told_to(answered(ENTERPRISE, POSTER)) == [(POSTER, ItemKind.match_answered)]
    assert told_to(answered(ENTERPRISE, POSTER, by_need_side=True)) == [(ENTERPRISE, ItemKind.match_answered)]


def test_the_course_of_a_need_is_told_to_its_owner() -> None:
    assert told_to(published(POSTER)) == [(POSTER, ItemKind.need_published)]
    assert told_to(changed(POSTER, returned=True)) == [(POSTER, ItemKind.need_returned)]
    assert told_to(changed(POSTER, returned=False)) == []


def test_a_new_member_is_welcomed_and_a_public_record_is_not() -> None:
    assert told_to(admitted(ENTERPRISE)) == [(ENTERPRISE, ItemKind.member_admitted)]
    assert told_to(admitted(ENTERPRISE, record=RecordKind.public_record)) == []
    assert told_to(admitted(ENTERPRISE, state=MemberState.suspended)) == []


def test_a_hospital_is_invited_to_post_and_an_enterprise_to_subscribe() -> None:
    assert "post clinical needs" in (only(admitted(POSTER, kind=MemberKind.hospital)).summary.en or "")
    assert "subscribe" in (only(admitted(POSTER, kind=MemberKind.enterprise)).summary.en or "")


def test_the_poster_gets_one_item_for_all_that_was_suggested_together_the_best_first() -> None:
    need_id, other_need = new_id(), new_id()
    found = [
        suggested(
            new_id(), POSTER, need_id=need_id, score=n / 10, organisation_name=Bilingual(zh=f"单位{n}", en=f"Org {n}")
        )
        for n in range(1, 8)
    ]
    items = items_for([*found, suggested(ENTERPRISE, POSTER, need_id=other_need)])
    (many, one) = [item for item in items if item.subscriber_id == POSTER]
    assert (many.subject_type, many.subject_id, many.score) == ("need", need_id, 0.7)
    assert many.title.en is not None
    assert many.title.en.startswith("7 organisations are suggested")
    assert many.summary.en is not None
    assert many.summary.en.startswith("Org 7 (70%, Demo, fictional), Org 6")
    assert many.summary.en.endswith("and 2 more.")
    assert "Org 2" not in many.summary.en
    assert (one.subject_id, len(one.facets)) == (other_need, 2)
    assert many.facets == ()


def test_a_public_record_is_never_shown_as_a_member() -> None:
    match = suggested(ENTERPRISE, POSTER, organisation_record=RecordKind.public_record)
    item = next(item for item in items_for([match]) if item.subscriber_id == POSTER)
    assert "not a member" in (item.summary.en or "")
    assert "非成员" in (item.summary.zh or "")


def test_a_mutual_answer_says_that_both_are_interested() -> None:
    item = only(answered(ENTERPRISE, POSTER, state=SuggestionState.mutual))
    assert (item.title.en or "").startswith("Both sides are interested")
    assert (item.title.zh or "").startswith("双方均有意向")


def test_a_decline_carries_its_reason() -> None:
    declined = answered(
        ENTERPRISE, POSTER, interested=False, reason=DeclineReason.no_capacity, state=SuggestionState.declined
    )
    assert "No capacity" in (only(declined).summary.en or "")
    assert "没有能力承接" in (only(declined).summary.zh or "")


def test_the_poster_of_a_need_is_not_named_to_the_organisation_it_answers() -> None:
    item = only(answered(ENTERPRISE, POSTER, by_need_side=True))
    assert (item.title.en or "").startswith("The poster of the need is interested")


def test_every_text_is_there_in_both_languages_even_if_people_wrote_one() -> None:
    chinese, english = Bilingual(zh="只有中文"), Bilingual(en="English only")
    events = [
        hit(ENTERPRISE, need_title=chinese, subscription_name=english, need_summary=BilingualText()),
        suggested(ENTERPRISE, POSTER, need_title=english, organisation_name=chinese, facets=()),
        answered(ENTERPRISE, POSTER, need_title=chinese, organisation_name=english),
        published(POSTER, title=english),
        changed(POSTER, returned=True, title=None),
        admitted(ENTERPRISE, name=chinese),
    ]
    items = items_for(events)
    assert len(items) == 7
    for item in items:
        assert item.title.zh
        assert item.title.en
        assert item.summary.zh
        assert item.summary.en


def test_the_longest_texts_that_people_may_write_make_an_item() -> None:
    line, text = Bilingual(zh="长" * 300, en="l" * 300), BilingualText(zh="长" * 8000, en="l" * 8000)
    events = [
        hit(ENTERPRISE, need_title=line, subscription_name=line, need_organisation_name=line, need_summary=text),
        suggested(ENTERPRISE, POSTER, need_title=line, organisation_name=line),
        answered(ENTERPRISE, POSTER, need_title=line, organisation_name=line),
        published(POSTER, title=line),
        admitted(ENTERPRISE, name=line),
    ]
    assert len(items_for(events)) == 6


@pytest.mark.parametrize("disclosure", list(Disclosure))
def test_the_owner_learns_how_much_others_see(disclosure: Disclosure) -> None:
    item = only(published(POSTER, disclosure=disclosure))
    assert disclosure.zh in (item.summary.zh or "")
    assert disclosure.en.lower() in (item.summary.en or "")


def test_a_hit_on_a_need_that_discloses_its_title_alone_says_nothing_of_its_text() -> None:
    item = only(hit(ENTERPRISE, need_summary=BilingualText(), words=()))
    assert (item.summary.en or "").endswith("Acute ischaemic stroke thrombectomy, Consumable.")
    assert item.words == ()

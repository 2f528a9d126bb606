"""Rules without I/O: the life of a membership, passwords, stale translations, how large a profile may be."""

from datetime import UTC, datetime

import pytest

from common.errors import Conflict, InvalidInput
from common.events.member_registry import Item
from common.ids import new_id
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberKind, MemberState
from member_registry.model.application import Registration
from member_registry.model.membership import FOLLOWS, moved
from member_registry.model.organisation import LARGEST_PROFILE, Profile
from member_registry.model.passwords import WeakPassword, acceptable

NOW = datetime(2026, 11, 1, tzinfo=UTC)
S = MemberState


@pytest.mark.parametrize(
    ("present", "to"),
    [
        (S.active, S.suspended),
        (S.suspended, S.active),
        (S.expired, S.active),
        (S.applied, S.returned),
        (S.grace, S.active),
    ],
)
def test_a_membership_moves_on_as_the_life_cycle_says(present: MemberState, to: MemberState) -> None:
    assert moved(present, to) is to


@pytest.mark.parametrize(
    ("present", "to"), [(S.withdrawn, S.active), (S.active, S.applied), (S.active, S.active), (S.returned, S.active)]
)
def test_a_membership_does_not_jump(present: MemberState, to: MemberState) -> None:
    with pytest.raises(Conflict) as refusal:
        moved(present, to)
    assert refusal.value.code == "transition_not_allowed"
    assert refusal.value.detail is not None
    assert present.zh in (refusal.value.detail.zh or "")


def test_every_state_has_its_place_in_the_life_cycle() -> None:
    assert set(FOLLOWS) == set(MemberState)
    reached = set().union(*FOLLOWS.values())
    assert reached == set(MemberState)


@pytest.mark.parametrize("good", ["four unrelated words", "正确的马电池订书钉一二三", "demo-only-password"])
def test_a_long_password_is_good_enough_in_any_script(good: str) -> None:
    assert acceptable(good, email="person@hospital.example") == good


@pytest.mark.parametrize(
    ("weak", "code"),
    [
        ("short", "password_length"),
        ("x" * 200, "password_length"),
        ("aaaaaaaaaaaa", "password_guessable"),
        ("QwertyUIOP", "password_guessable"),
        ("Person@Hospital.example", "password_guessable"),
    ],
)
def test_a_guessable_password_is_refused_with_the_reason(weak: str, code: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        acceptable(weak, email="person@hospital.example")
    assert refusal.value.code == code


def test_a_password_is_the_same_from_a_full_width_keyboard() -> None:
    assert acceptable("ｆｏｕｒ unrelated words") == "four unrelated words"


def test_an_edited_language_shows_that_the_other_one_is_older() -> None:
    first = Registration(
        name=Bilingual(en="Example"),
        kind=MemberKind.institute,
        profile=Profile(summary=BilingualText(zh="一", en="one")),
    ).organisation(new_id(), NOW)
    second = first.with_profile(Profile(summary=BilingualText(zh="二", en="one")), NOW)
    assert (second.summary_revisions.zh, second.summary_revisions.en) == (2, 1)
    third = second.with_profile(Profile(summary=BilingualText(en="one")), NOW)
    assert (third.summary_revisions.zh, third.summary_revisions.en) == (None, 1)


def test_a_profile_too_large_to_travel_is_refused_at_the_field() -> None:
    organisation = Registration(name=Bilingual(en="Example"), kind=MemberKind.enterprise).organisation(new_id(), NOW)
    item = Item(title=Bilingual(zh="支架"), text=BilingualText(zh="长" * 4000))
    fits = Profile(items=(item,) * (LARGEST_PROFILE // 12_500))
    assert organisation.with_profile(fits, NOW).version == 2
    with pytest.raises(InvalidInput) as refusal:
        organisation.with_profile(Profile(items=(item,) * (LARGEST_PROFILE // 12_000 + 1)), NOW)
    assert [(error.field, error.code) for error in refusal.value.errors] == [("items", "profile_too_large")]

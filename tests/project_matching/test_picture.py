"""The picture takes many organisations at once as it would take them one by one."""

from typing import Any
from uuid import UUID

import pytest

from common.clock import utc_now
from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged, OrganisationFacts
from common.events.project_matching import NeedFacts, NeedPublished
from common.ids import new_id
from common.vocabulary import MemberKind, MemberState
from project_matching.engine.tally import Tally
from project_matching.matcher.picture import NotInThePicture, Picture
from project_matching.store.profiles import KnownProfile

HOSPITAL, MAKER, OTHER, NEED = (new_id() for _ in range(4))


def facts(summary: str, **more: Any) -> OrganisationFacts:
    told = {"name": {"en": "Maker"}, "kind": "enterprise", "record": "member", "state": "active", **more}
    return OrganisationFacts.model_validate({**told, "summary": {"en": summary}})


def admitted(organisation_id: UUID, summary: str, **more: Any) -> MemberAdmitted:
    told = facts(summary, **more)
    return MemberAdmitted(version=1, at=utc_now(), organisation_id=organisation_id, organisation=told)


def changed(version: int, summary: str) -> MemberProfileChanged:
    told = facts(summary)
    return MemberProfileChanged(version=version, at=utc_now(), organisation_id=MAKER, organisation=told)


def standing(version: int, state: MemberState) -> MembershipChanged:
    return MembershipChanged(
        version=version, at=utc_now(), organisation_id=MAKER, kind=MemberKind.enterprise, state=state
    )


def published(title: str) -> NeedPublished:
    need = NeedFacts.model_validate(
        {
            "organisation_id": HOSPITAL,
            "organisation_name": {"en": "Hospital"},
            "record": "member",
            "disclosure": "summary",
            "title": {"en": title},
            "specialty": "aneurysm",
            "achievement_type": "consumable",
            "wanted": ["enterprise"],
        }
    )
    return NeedPublished(version=1, at=utc_now(), need_id=NEED, need=need)


def found(picture: Picture) -> list[tuple[UUID, int]]:
    return [(one.organisation_id, one.profile_version) for one in picture.organisations_for(NEED)]


@pytest.fixture
def picture() -> Picture:
    """One that knows a need."""
    picture = Picture()
    picture.apply([published("flow diverter"), admitted(HOSPITAL, "", kind="hospital")])
    return picture


@pytest.fixture
def _unbearable(monkeypatch: pytest.MonkeyPatch) -> None:
    add = Tally.add

    def refusing(self: Tally, text: str, weight: int = 1) -> None:
        if text == "unbearable":
            raise ValueError(text)
        add(self, text, weight)

    monkeypatch.setattr(Tally, "add", refusing)


@pytest.mark.usefixtures("_unbearable")
def test_one_profile_that_cannot_be_borne_leaves_the_others_of_its_batch(picture: Picture) -> None:
    third = new_id()
    picture.apply([admitted(MAKER, "flow diverters"), admitted(OTHER, "unbearable"), admitted(third, "flow diverter")])
    assert {key for key, _ in found(picture)} == {MAKER, third}
    assert [one.need_id for one in picture.needs_for(MAKER)] == [NEED]
    with pytest.raises(NotInThePicture, match="unbearable"):
        picture.needs_for(OTHER)


@pytest.mark.usefixtures("_unbearable")
def test_a_version_that_cannot_be_borne_is_proposed_no_more_until_the_next(picture: Picture) -> None:
    picture.apply([admitted(MAKER, "flow diverters"), changed(2, "unbearable"), standing(3, MemberState.active)])
    assert found(picture) == []
    with pytest.raises(NotInThePicture, match="unbearable"):
        picture.needs_for(MAKER)
    picture.apply([changed(4, "flow diverters")])
    assert found(picture) == [(MAKER, 4)]
    assert [one.need_id for one in picture.needs_for(MAKER)] == [NEED]


@pytest.mark.usefixtures("_unbearable")
def test_what_cannot_be_borne_in_the_database_does_not_keep_the_rest_from_being_loaded() -> None:
    picture = Picture()
    told = [KnownProfile(MAKER, 2, facts("unbearable")), KnownProfile(OTHER, 1, facts("flow diverters"))]
    picture.load(organisations=told)
    picture.apply([published("flow diverter"), admitted(HOSPITAL, "", kind="hospital")])
    assert found(picture) == [(OTHER, 1)]


def test_what_is_loaded_is_indexed_before_anybody_searches(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    picture.load(organisations=[KnownProfile(MAKER, 1, facts("flow diverters"))])

    def again(*_: object) -> None:
        raise AssertionError("indexed while a need waits")

    monkeypatch.setattr("project_matching.engine.index.segment_of", again)
    assert found(picture) == [(MAKER, 1)]


def test_of_several_versions_in_one_batch_the_last_counts(picture: Picture) -> None:
    picture.apply([admitted(MAKER, "glucose assays"), changed(3, "flow diverters"), changed(2, "glucose assays")])
    assert found(picture) == [(MAKER, 3)]
    picture.apply([changed(4, "flow diverters"), changed(5, "glucose assays")])
    assert found(picture) == []


def test_of_one_version_told_twice_the_first_counts(picture: Picture) -> None:
    picture.apply([admitted(MAKER, "flow diverters"), changed(1, "glucose assays")])
    assert found(picture) == [(MAKER, 1)]


def test_a_standing_changes_the_profile_before_it_in_the_batch(picture: Picture) -> None:
    picture.apply([admitted(MAKER, "flow diverters"), standing(2, MemberState.suspended)])
    assert found(picture) == []
    picture.apply([standing(3, MemberState.active), changed(4, "flow diverters")])
    assert found(picture) == [(MAKER, 4)]

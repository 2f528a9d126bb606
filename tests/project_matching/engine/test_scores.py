"""A score belongs to the pair alone, adds up from its facets, and needs common words before anything else counts."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_matching.engine import (
    ENGINE_VERSION,
    Item,
    Need,
    Profile,
    ProfileIndex,
    Text,
    analyse_need,
    analyse_profile,
    brute_force,
    exclusion,
    explain,
    may_be_suggested,
    scored,
    shipped_statistics,
)
from project_matching.engine.facets import BESIDE_TEXT_AT_MOST, TEXT_FLOOR, WEIGHTS, least_raw, text_points
from tests.project_matching.engine import drawn

NEED = Need(
    "n",
    "hospital",
    Text("宽颈动脉瘤的血流导向装置", "Flow diverter for wide-neck aneurysms"),
    specialty="aneurysm",
    achievement_type="consumable",
    wanted=("enterprise",),
    device_class="III",
    stage="prototype",
    region="CN-11",
)
PERFECT = Profile(
    "maker",
    "enterprise",
    Text(en="Maker"),
    items=(Item(Text(en="Flow diverter for aneurysms"), Text(), "III", "aneurysm", "market"),),
    specialties=("aneurysm",),
    region="CN-11",
)


@settings(max_examples=80, deadline=None)
@given(need=drawn.needs(st.just("n")), profile=drawn.profiles)
def test_every_way_to_score_a_pair_gives_the_same_number(need: Need, profile: Profile) -> None:
    asked, told = analyse_need(need), analyse_profile(profile)
    one = scored(asked, told)
    assert one == brute_force.score(asked, told)
    assert explain(asked, told).score == one.score
    assert may_be_suggested(asked, told) == brute_force.suggested(asked, told) == explain(asked, told).suggested


@settings(max_examples=50, deadline=None)
@given(need=drawn.needs(st.just("n")), profiles=st.lists(drawn.profiles, max_size=6))
def test_a_score_does_not_depend_on_who_else_is_indexed(need: Need, profiles: list[Profile]) -> None:
    told = {profile.organisation_id: analyse_profile(profile) for profile in profiles}
    asked = analyse_need(need)
    together = {one.organisation_id: one for one in ProfileIndex(told.values()).search(asked)}
    alone = [one for profile in told.values() for one in ProfileIndex([profile]).search(asked)]
    assert together == {one.organisation_id: one for one in alone}


def test_scores_of_this_version_stay_what_they_are() -> None:
    """Stored scores name engine and statistics; whoever changes these numbers changes a version as well."""
    assert (ENGINE_VERSION, shipped_statistics().version) == ("1", "0430a13bc208")
    chinese = Profile("maker", "enterprise", Text("匠心"), summary=Text("研发颅内动脉瘤血流导向装置"), region="CN-31")
    unlike = replace(PERFECT, items=(), specialties=())
    scores = [scored(analyse_need(NEED), analyse_profile(one)).micro for one in (PERFECT, chinese, unlike)]
    assert scores == [692_458, 596_945, 40_000]


def test_the_points_of_a_full_score_add_up_to_one() -> None:
    assert sum(WEIGHTS.values()) == 1_000_000
    assert BESIDE_TEXT_AT_MOST == 200_000


@given(raw=st.integers(0, 1 << 30))
def test_more_common_words_never_earn_fewer_points(raw: int) -> None:
    points = text_points(raw)
    assert text_points(raw + 1) >= points
    assert least_raw(points) <= raw


@given(points=st.integers(1, WEIGHTS["text"] - 1))
def test_the_least_word_score_for_some_points_is_the_least(points: int) -> None:
    least = least_raw(points)
    assert text_points(least) >= points
    assert text_points(least - 1) < points


def test_facets_beside_text_never_suggest_a_pair_without_common_words() -> None:
    stranger = replace(PERFECT, items=(replace(PERFECT.items[0], title=Text(en="Glucose meter")),))
    asked = analyse_need(NEED)
    assert scored(asked, analyse_profile(stranger)).micro == BESIDE_TEXT_AT_MOST
    assert not may_be_suggested(asked, analyse_profile(stranger))
    assert ProfileIndex([analyse_profile(stranger)]).search(asked) == []


def test_all_facets_count_in_full_for_a_perfect_profile() -> None:
    facets = {facet.code: facet.value for facet in explain(analyse_need(NEED), analyse_profile(PERFECT)).facets}
    assert {code: value for code, value in facets.items() if code != "text"} == dict.fromkeys(
        ("specialty", "achievement_type", "stage", "device_class", "collaboration", "region"), 1.0
    )


@pytest.mark.parametrize(
    ("change", "code", "value"),
    [
        ({"specialties": (), "items": (Item(Text(en="Flow diverter"), specialty="icas"),)}, "specialty", 0.5),
        ({"specialties": (), "items": (Item(Text(en="Flow diverter"), specialty="toxicology"),)}, "specialty", 0.0),
        ({"items": (Item(Text(en="Flow diverter"), stage="protection"),)}, "stage", 0.5),
        ({"items": (Item(Text(en="Flow diverter"), stage="concept"),)}, "stage", 0.0),
        ({"items": (Item(Text(en="Flow diverter"), device_class="II"),)}, "device_class", 0.0),
        ({"region": "CN-31"}, "region", 0.5),
        ({"region": "US-CA"}, "region", 0.0),
        ({"region": None}, "region", 0.0),
    ],
)
def test_each_facet_counts_half_or_not_at_all_when_less_fits(
    change: dict[str, object], code: str, value: float
) -> None:
    told = replace(PERFECT, **change)  # type: ignore[arg-type]
    facets = {facet.code: facet.value for facet in explain(analyse_need(NEED), analyse_profile(told)).facets}
    assert facets[code] == value


def test_a_higher_device_class_counts_half() -> None:
    need = replace(NEED, device_class="II")
    facets = {facet.code: facet.value for facet in explain(analyse_need(need), analyse_profile(PERFECT)).facets}
    assert facets["device_class"] == 0.5


def test_text_alone_decides_about_the_floor() -> None:
    asked, told = analyse_need(NEED), analyse_profile(PERFECT)
    raw = brute_force.word_score(asked.en, told.en)
    assert raw >= TEXT_FLOOR
    assert may_be_suggested(asked, told, raw)
    assert not may_be_suggested(asked, told, raw + 1)


@pytest.mark.parametrize(
    ("need", "profile", "code"),
    [
        (NEED, replace(PERFECT, organisation_id="hospital"), "own_organisation"),
        (NEED, replace(PERFECT, active=False), "inactive"),
        (NEED, replace(PERFECT, kind="university"), "kind_not_wanted"),
        (replace(NEED, wanted=("engineering",)), PERFECT, "kind_not_wanted"),
        (replace(NEED, blocked=frozenset({"maker"})), PERFECT, "blocked"),
        (NEED, replace(PERFECT, blocked=frozenset({"hospital"})), "blocked"),
        (replace(NEED, competitors=frozenset({"maker"})), PERFECT, "competitor"),
        (NEED, replace(PERFECT, competitors=frozenset({"hospital"})), "competitor"),
    ],
)
def test_a_forbidden_pair_is_never_suggested_and_says_why(need: Need, profile: Profile, code: str) -> None:
    assert ProfileIndex([analyse_profile(PERFECT)]).search(analyse_need(NEED))
    assert exclusion(need, profile) == code
    assert ProfileIndex([analyse_profile(profile)]).search(analyse_need(need)) == []
    account = explain(analyse_need(need), analyse_profile(profile))
    assert not account.suggested
    assert account.excluded == code
    assert account.excluded_text is not None


def test_a_need_that_names_no_side_is_open_to_every_kind() -> None:
    need = replace(NEED, wanted=())
    for kind in ("hospital", "university", "institute", "society", "enterprise", "person", "partner"):
        assert exclusion(need, replace(PERFECT, kind=kind)) is None

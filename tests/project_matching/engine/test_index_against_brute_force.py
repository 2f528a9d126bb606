"""The indexes find exactly what going through every pair finds, whatever was added, replaced and removed."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from project_matching.engine import (
    AnalysedNeed,
    AnalysedProfile,
    Need,
    NeedIndex,
    Profile,
    ProfileIndex,
    Text,
    analyse_need,
    analyse_profile,
    brute_force,
    may_be_suggested,
    scored,
)
from tests.project_matching.engine import drawn, synthetic

NEED_IDS = st.sampled_from([f"n{number}" for number in range(8)])
FLOORS = st.sampled_from([0, 1, 2_000_000, 10_737_418])
COUNTS = st.sampled_from([None, 1, 2, 3])
changes = st.lists(
    st.one_of(drawn.profiles, drawn.needs(NEED_IDS), st.tuples(st.just("remove"), drawn.organisations | NEED_IDS)),
    max_size=24,
)


@settings(max_examples=80, deadline=None)
@given(changes=changes, asked=drawn.needs(NEED_IDS), told=drawn.profiles, floor=FLOORS, count=COUNTS)
def test_both_indexes_equal_brute_force_after_any_changes(
    changes: list[Need | Profile | tuple[str, str]], asked: Need, told: Profile, floor: int, count: int | None
) -> None:
    profiles, needs = ProfileIndex(), NeedIndex()
    kept_profiles, kept_needs = {}, {}
    for number, change in enumerate(changes):
        if isinstance(change, Profile):
            kept_profiles[change.organisation_id] = analyse_profile(change)
            profiles.put(kept_profiles[change.organisation_id])
        elif isinstance(change, Need):
            kept_needs[change.id] = analyse_need(change)
            needs.put(kept_needs[change.id])
        else:
            kept_profiles.pop(change[1], None)
            kept_needs.pop(change[1], None)
            profiles.remove(change[1])
            needs.remove(change[1])
        if number % 3 == 0:  # searches in between make segments, so that merging is reached
            profiles.settle()
            needs.settle()
    need, profile = analyse_need(asked), analyse_profile(told)
    assert profiles.search(need, count, floor) == brute_force.profiles_for(need, kept_profiles.values(), count, floor)
    assert needs.search(profile, count, floor) == brute_force.needs_for(profile, kept_needs.values(), count, floor)
    assert len(profiles) == len(kept_profiles)
    assert len(needs) == len(kept_needs)


@settings(max_examples=50, deadline=None)
@given(
    needs=st.lists(drawn.needs(NEED_IDS), max_size=5, unique_by=lambda need: need.id),
    profiles=st.lists(drawn.profiles, max_size=5, unique_by=lambda profile: profile.organisation_id),
)
def test_the_set_of_suggestions_is_the_same_from_either_side(needs: list[Need], profiles: list[Profile]) -> None:
    asked, told = [analyse_need(need) for need in needs], [analyse_profile(profile) for profile in profiles]
    by_need = {one for need in asked for one in ProfileIndex(told).search(need)}
    by_profile = {one for profile in told for one in NeedIndex(asked).search(profile)}
    pairs = {scored(need, profile) for need in asked for profile in told if may_be_suggested(need, profile)}
    assert by_need == by_profile == pairs


def test_pruning_loses_nothing_among_thousands() -> None:
    corpus = synthetic.corpus(profiles=1500, needs=4, seed=3)
    index, kept = ProfileIndex(), {}
    for number, profile in enumerate(corpus.profiles):
        index.put(profile)
        kept[profile.profile.organisation_id] = profile
        if number % 201 == 0:
            index.settle()
    drawn_at_random = random.Random(4)
    for key in drawn_at_random.sample(sorted(kept), 200):
        index.remove(key)
        del kept[key]
    assert_equal_to_brute_force(index, kept, corpus.needs)  # before merging leaves the removed rows out
    for key in drawn_at_random.sample(sorted(kept), 200):  # takes another's words, and the removed rows stay marked
        words = drawn_at_random.choice(corpus.profiles)
        kept[key] = AnalysedProfile(kept[key].profile, kept[key].traits, words.zh, words.en)
        index.put(kept[key])
    assert_equal_to_brute_force(index, kept, corpus.needs)


def test_pruning_loses_nothing_where_many_share_their_traits() -> None:
    """Then the traits are compared before any row is found, and bound what a row can reach."""
    corpus = synthetic.corpus(profiles=1500, needs=4, seed=5)
    kept = {}
    for number, words in enumerate(corpus.profiles):
        like = corpus.profiles[number % 8]
        profile = replace(like.profile, organisation_id=words.profile.organisation_id)
        kept[profile.organisation_id] = AnalysedProfile(profile, like.traits, words.zh, words.en)
    assert_equal_to_brute_force(ProfileIndex(kept.values()), kept, corpus.needs)


def assert_equal_to_brute_force(
    index: ProfileIndex, kept: dict[str, AnalysedProfile], needs: list[AnalysedNeed]
) -> None:
    for need in needs:
        for count, floor in ((100, 10_737_418), (10, 1), (None, 20_000_000)):
            assert index.search(need, count, floor) == brute_force.profiles_for(need, kept.values(), count, floor)


def test_a_replaced_profile_is_found_by_its_new_words_only() -> None:
    index = ProfileIndex()
    index.put(_profile("flow diverters"))
    need_before, need_after = _need("flow diverter"), _need("glucose assay")
    assert [one.organisation_id for one in index.search(need_before)] == ["maker"]
    index.put(_profile("glucose assays"))
    assert index.search(need_before) == []
    assert [one.organisation_id for one in index.search(need_after)] == ["maker"]
    assert len(index) == 1


def _profile(words: str) -> AnalysedProfile:
    return analyse_profile(Profile("maker", "enterprise", Text(en="Maker"), summary=Text(en=words)))


def _need(words: str) -> AnalysedNeed:
    return analyse_need(Need("n", "asker", Text(en=words)))

"""An explanation accounts for the whole score, in both languages, in words that stand in the two texts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from project_matching.engine import (
    Explanation,
    Item,
    Need,
    Profile,
    Text,
    analyse_need,
    analyse_profile,
    explain,
    scored,
)
from tests.project_matching.engine import drawn

MAKER = Profile(
    "maker",
    "enterprise",
    Text("匠心", "Maker"),
    summary=Text(en="Devices for stroke: thrombectomy and aspiration."),
    items=(Item(Text(en="Guide catheter")), Item(Text(en="Thrombectomy device"), Text(en="Removes a clot."))),
)


def account(zh: str | None = None, en: str | None = None, profile: Profile = MAKER, **more: str) -> Explanation:
    need = Need("n", "asker", Text(zh, en), **more)  # type: ignore[arg-type]
    return explain(analyse_need(need), analyse_profile(profile))


@settings(max_examples=60, deadline=None)
@given(need=drawn.needs(st.just("n")), profile=drawn.profiles)
def test_facets_add_up_to_the_score_and_every_sentence_exists_in_both_languages(need: Need, profile: Profile) -> None:
    made = explain(analyse_need(need), analyse_profile(profile))
    assert made.score == scored(analyse_need(need), analyse_profile(profile)).score
    assert abs(sum(facet.points for facet in made.facets) - made.score) < 1e-9
    for facet in made.facets:
        assert abs(facet.weight * facet.value - facet.points) < 2e-6
        assert facet.text.zh
        assert facet.text.en
    if made.would_change:
        assert made.would_change.zh
        assert made.would_change.en


@settings(max_examples=60, deadline=None)
@given(need=drawn.needs(st.just("n")), profile=drawn.profiles)
def test_matched_words_stand_in_the_texts_as_they_are_shown(need: Need, profile: Profile) -> None:
    asked = "\n".join(part for text in (need.title, *need.texts) for part in text.parts())
    texts = [profile.names, profile.summary, *profile.capabilities]
    texts += [text for item in profile.items for text in (item.title, item.text)]
    told = "\n".join(part for text in texts for part in text.parts())
    made = explain(analyse_need(need), analyse_profile(profile))
    assert len(made.words) <= 24
    for word in made.words:
        assert word.points >= 0
        assert all(form in asked for form in word.need_forms)
        assert all(form in told for form in word.profile_forms)
        assert word.need.split()[0] in asked
        assert word.profile.split()[0] in told


def test_words_share_out_the_points_of_the_text() -> None:
    made = account(en="Thrombectomy for stroke")
    assert {(word.need, word.profile) for word in made.words} == {
        ("Thrombectomy", "thrombectomy"),
        ("stroke", "stroke"),
    }
    assert abs(sum(word.points for word in made.words) - made.facets[0].points) < 0.001


def test_all_spellings_to_be_marked_are_named() -> None:
    word = account(en="THROMBECTOMIES").words[0]
    assert word.need == "THROMBECTOMIES"
    assert word.profile_forms == ("thrombectomy", "Thrombectomy")


def test_a_chinese_word_is_shown_beside_the_english_word_it_met() -> None:
    word = account(zh="机械取栓的新方法").words[0]
    assert (word.need, word.profile, word.language) == ("机械取栓", "thrombectomy", "zh-en")


def test_an_english_word_is_shown_beside_the_chinese_word_it_met() -> None:
    profile = Profile("maker", "enterprise", Text("匠心"), summary=Text("生产取栓支架"))
    word = account(en="Stent retriever", profile=profile).words[0]
    assert (word.profile, word.language) == ("取栓支架", "en-zh")


def test_chinese_is_shown_in_whole_words() -> None:
    profile = Profile("maker", "enterprise", Text("匠心"), summary=Text("治疗颅内动脉瘤的弹簧圈，并用于慢性硬膜下血肿"))
    shown = [word.need for word in account(zh="颅内动脉瘤与慢性硬膜下血肿", profile=profile).words]
    assert shown[:2] == ["慢性硬膜下血肿", "颅内动脉瘤"] or shown[:2] == ["颅内动脉瘤", "慢性硬膜下血肿"]


def test_the_item_that_says_most_is_named() -> None:
    item = account(en="Thrombectomy device to remove a clot").item
    assert item is not None
    assert (item.position, item.title.en) == (1, "Thrombectomy device")
    assert 0 < item.value <= 1


def test_no_item_is_named_where_none_has_a_word_in_common() -> None:
    assert account(en="Glucose meter").item is None


def test_what_would_change_it_names_what_the_profile_leaves_unsaid() -> None:
    change = account(en="Thrombectomy of large vessel occlusion", specialty="ais_thrombectomy").would_change
    assert change is not None
    assert "large vessel occlusion" in str(change.en)
    assert "大血管闭塞" in str(change.zh)
    assert "acute stroke thrombectomy" in str(change.en)
    assert "“thrombectomy”" not in str(change.en)


def test_the_versions_that_made_a_score_are_named() -> None:
    made = account(en="Thrombectomy")
    assert made.engine
    assert len(made.statistics) == 12

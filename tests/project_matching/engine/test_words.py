"""What counts as the same word: stems, spellings, pairs of words, Chinese words, and translations."""

import numpy as np
import pytest

from project_matching.engine import Need, Profile, Text, analyse_need, analyse_profile, analyse_profiles, analysis
from project_matching.engine.analysis import AnalysedNeed, AnalysedProfile
from project_matching.engine.glossary import Glossary, glossary
from project_matching.engine.pair import word_score
from project_matching.engine.spelling import american
from project_matching.engine.tokens import is_chinese, normalised, stem

ODD = [
    "",
    " ",
    "\x00",
    "\ud800",
    "a\udfffb 血\ud800栓",
    "😀" * 50,
    "ﷺ",
    "血" * 5000,
    "a" * 200_000,
    "1 2 3 . , ;",
    "的",
    "the",
]


def asked(zh: str | None = None, en: str | None = None) -> AnalysedNeed:
    return analyse_need(Need("n", "asker", Text(zh, en)))


def told(zh: str | None = None, en: str | None = None) -> AnalysedProfile:
    return analyse_profile(Profile("o", "enterprise", Text(), summary=Text(zh, en)))


@pytest.mark.parametrize(
    ("british", "us"),
    [
        ("haematoma", "hematoma"),
        ("embolisation", "embolization"),
        ("ischaemic", "ischemic"),
        ("catheterised", "catheterized"),
        ("oedema", "edema"),
        ("tumours", "tumors"),
        ("paediatric", "pediatric"),
        ("fibre", "fiber"),
    ],
)
def test_british_and_american_spellings_are_one_word(british: str, us: str) -> None:
    assert american(british) == us
    assert stem(british) == stem(us)


@pytest.mark.parametrize(
    "word", ["exercise", "precise", "disease", "otherwise", "noise", "phoenix", "aerosol", "raised"]
)
def test_words_that_only_look_british_stay_as_they_are(word: str) -> None:
    assert american(word) == word


def test_forms_of_a_word_meet() -> None:
    assert word_score(asked(en="Aneurysms").en, told(en="an aneurysm").en) > 0
    assert word_score(asked(en="THROMBECTOMIES").en, told(en="thrombectomy").en) > 0


def test_two_words_that_stand_together_count_more_than_the_same_two_apart() -> None:
    need = asked(en="flow diverter").en
    near = told(en="flow diverter made of braided nitinol wire for the clinic").en
    apart = told(en="flow made of braided nitinol wire for the clinic diverter").en
    assert word_score(need, near) > word_score(need, apart) > 0


def test_chinese_words_and_parts_of_words_meet() -> None:
    need = asked(zh="颅内动脉瘤").zh
    assert word_score(need, told(zh="治疗颅内动脉瘤").zh) > word_score(need, told(zh="动脉").zh) > 0


def test_full_width_and_accented_letters_are_read_as_plain_ones() -> None:
    assert normalised("ＣＴＡ Köhler ①") == "cta kohler 1"


def test_a_text_is_chinese_when_enough_of_its_letters_are() -> None:
    assert is_chinese("使用 plga 的支架")
    assert not is_chinese("flow diverter (血流)")
    assert not is_chinese("")


def test_a_chinese_need_meets_an_english_profile_and_the_other_way_round() -> None:
    assert word_score(asked(zh="大血管闭塞的机械取栓").en, told(en="mechanical thrombectomy devices").en) > 0
    assert word_score(asked(en="mechanical thrombectomy").en, told(zh="我们生产机械取栓装置").en) > 0


def test_two_chinese_texts_meet_in_chinese_only() -> None:
    assert word_score(asked(zh="机械取栓").en, told(zh="机械取栓").en) == 0
    assert word_score(asked(zh="机械取栓").zh, told(zh="机械取栓").zh) > 0


def test_a_translated_word_counts_less_than_the_word_itself() -> None:
    need = asked(en="mechanical thrombectomy")
    assert word_score(need.en, told(zh="机械取栓").en) < word_score(need.en, told(en="mechanical thrombectomy").en)


def test_the_longest_phrase_of_the_glossary_is_taken_first() -> None:
    found = [entry.english[0] for entry in glossary().found_in("慢性硬膜下血肿与血肿")]
    assert found == ["chronic subdural hematoma", "hematoma"]


def test_the_glossary_is_large_has_no_empty_side_and_says_nothing_twice() -> None:
    entries = glossary().entries
    assert len(entries) >= 350
    for phrase, entry in entries.items():
        assert len(phrase) >= 1
        assert is_chinese(phrase)
        assert all(stems for stems in entry.phrases), phrase
        assert len(set(entry.english)) == len(entry.english), phrase


def test_a_glossary_of_our_own_finds_overlapping_phrases_without_counting_twice() -> None:
    own = Glossary([("甲乙", ("ab one",)), ("甲乙丙", ("abc two",)), ("丙丁", ("cd three",))])
    assert [entry.written for entry in own.found_in("甲乙丙丁甲乙")] == ["甲乙丙", "甲乙"]


@pytest.mark.parametrize("text", ODD)
def test_no_text_is_too_odd_to_be_analysed(text: str) -> None:
    need, profile = asked(zh=text, en=text), told(zh=text, en=text)
    for weighted in (need.zh, need.en, profile.zh, profile.en):
        assert np.all(np.diff(weighted.terms.astype(np.int64)) > 0)
        assert np.all(weighted.weights > 0)


def test_many_profiles_at_once_are_analysed_as_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        *ODD,
        "血流导向装置 CT 支架",
        "flow diverter",
        "取栓，flow\u2028diverter",
        "stent",
        "stent retriever stent",
    ]
    profiles = [Profile(f"{n}-{m}", "enterprise", Text(), summary=Text(one, other))
                for n, one in enumerate(texts) for m, other in enumerate(("", one, "coil 弹簧圈"))]  # fmt: skip
    alone = [_bits(analyse_profile(profile)) for profile in profiles]
    assert [_bits(one) for one in analyse_profiles(profiles)] == alone
    monkeypatch.setattr(analysis, "_AT_ONCE", 10)
    assert [_bits(one) for one in analyse_profiles(profiles)] == alone
    assert analyse_profiles([]) == []


def _bits(analysed: AnalysedProfile) -> tuple[object, ...]:
    arrays = (analysed.zh.terms, analysed.zh.weights, analysed.en.terms, analysed.en.weights)
    return analysed.profile, analysed.traits, *((array.dtype, array.tolist()) for array in arrays)

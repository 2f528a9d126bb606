"""Standing subscriptions: the index finds what the plain rule finds, and words are heard in both languages."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_matching.engine import (
    Need,
    Subscription,
    SubscriptionIndex,
    Text,
    analyse_need,
    answers,
    words_heard,
)
from tests.project_matching.engine import drawn

IDS = st.sampled_from([f"s{number}" for number in range(10)])
NEED = Need(
    "n",
    "hospital",
    Text("大血管闭塞的机械取栓", None),
    specialty="ais_thrombectomy",
    achievement_type="consumable",
    wanted=("enterprise", "engineering"),
    region="CN-11",
)
ENGLISH_NEED = Need("n", "hospital", Text(None, "Flow diverter for intracranial aneurysms"), specialty="aneurysm")


@settings(max_examples=80, deadline=None)
@given(
    changes=st.lists(st.one_of(drawn.subscriptions(IDS), IDS), max_size=30),
    need=drawn.needs(st.just("n")),
    compact_from=st.sampled_from([0, 1024]),
)
def test_the_index_equals_the_plain_rule_after_any_changes(
    changes: list[Subscription | str], need: Need, compact_from: int
) -> None:
    index, kept = SubscriptionIndex(compact_from=compact_from), {}
    for change in changes:
        if isinstance(change, Subscription):
            kept[change.id] = change
            index.put(change)
        else:
            kept.pop(change, None)
            index.remove(change)
    asked = analyse_need(need)
    assert index.match(asked) == sorted(key for key, one in kept.items() if answers(asked, one))
    assert len(index) == len(kept)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        ({"specialties": ("icas", "ais_thrombectomy")}, True),
        ({"specialties": ("icas",)}, False),
        ({"achievement_types": ("consumable",)}, True),
        ({"achievement_types": ("pharma",)}, False),
        ({"wanted": ("engineering",)}, True),
        ({"wanted": ("hospital",)}, False),
        ({"regions": (" cn-11",)}, True),
        ({"regions": ("CN-31",)}, False),
        ({"words_all": ("取栓", "闭塞")}, True),
        ({"words_all": ("取栓", "动脉瘤")}, False),
        ({"words_any": ("动脉瘤", "取栓")}, True),
        ({"words_any": ("动脉瘤", "支架")}, False),
        ({"words_none": ("取栓",)}, False),
        ({"words_none": ("动脉瘤",)}, True),
        ({"words_all": ("thrombectomy",)}, True),
        ({"words_all": ("Large Vessel Occlusions",)}, True),
        ({"words_all": ("aneurysm",)}, False),
        ({"words_all": ("the",)}, True),
        ({"words_all": ("血",)}, True),
        ({"specialties": ("ais_thrombectomy",), "words_all": ("取栓",), "words_none": ("pharma",)}, True),
    ],
)
def test_every_condition_must_hold(conditions: dict[str, tuple[str, ...]], expected: bool) -> None:
    subscription = Subscription("s", "maker", **conditions)
    need = analyse_need(NEED)
    assert answers(need, subscription) is expected
    assert SubscriptionIndex([subscription]).match(need) == (["s"] if expected else [])


@pytest.mark.parametrize(("word", "heard"), [("血流导向", True), ("颅内动脉瘤", True), ("取栓", False)])
def test_a_chinese_word_is_heard_in_an_english_need(word: str, heard: bool) -> None:
    assert answers(analyse_need(ENGLISH_NEED), Subscription("s", "maker", words_all=(word,))) is heard


def test_words_of_a_phrase_must_stand_together() -> None:
    need = analyse_need(Need("n", "hospital", Text(en="A vessel is large; its wall has an occlusion")))
    assert not answers(need, Subscription("s", "maker", words_all=("vessel occlusion",)))
    assert answers(need, Subscription("s", "maker", words_all=("vessel", "occlusion")))


STENT = Need("n", "hospital", Text(en="Stent"))


@pytest.mark.parametrize(
    "need",
    [
        replace(STENT, organisation_id="maker"),
        replace(STENT, blocked=frozenset({"maker"})),
        replace(STENT, competitors=frozenset({"maker"})),
    ],
)
def test_nobody_hears_of_the_own_need_or_of_one_that_refuses_them(need: Need) -> None:
    asked = analyse_need(need)
    assert SubscriptionIndex([Subscription("s", "maker"), Subscription("t", "other")]).match(asked) == ["t"]


def test_the_words_that_were_heard_are_the_subscribers_own() -> None:
    subscription = Subscription("s", "maker", words_all=("Thrombectomy",), words_any=("取栓", "stent"))
    assert words_heard(analyse_need(NEED), subscription) == ("Thrombectomy", "取栓")


@pytest.mark.parametrize("compact_from", [0, 1024])
def test_a_removed_or_replaced_subscription_is_never_heard_of_again(compact_from: int) -> None:
    every = [Subscription(f"s{number}", "maker", words_all=("stent",)) for number in range(6)]
    index = SubscriptionIndex(every, compact_from)
    need = analyse_need(STENT)
    for number, subscription in enumerate(every):
        assert index.match(need) == [f"s{later}" for later in range(number, 6)]
        if number % 2:
            index.remove(subscription.id)
        else:
            index.put(replace(subscription, words_all=("coil",)))


def test_few_of_many_subscriptions_are_looked_at() -> None:
    words = ["aneurysm", "stroke", "glucose", "robot", "assay", "coil", "haematoma", "catheter"]
    every = [
        Subscription(f"s{number:04d}", "maker", ("icas", "csdh"), words_all=(words[number % 8], f"w{number}"))
        for number in range(2000)
    ]
    index = SubscriptionIndex(every)
    need = analyse_need(Need("n", "hospital", Text(en="stroke coil w18 w1 assay"), specialty="icas"))
    assert index.match(need) == ["s0001"]
    assert len(index.candidates(need)) <= 2

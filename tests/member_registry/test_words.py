"""Words by which organisations are found, in Chinese and English."""

import pytest

from member_registry.model.words import document, query, words


def test_english_words_are_found_in_any_form() -> None:
    assert words("Thrombectomies")[0] == words("thrombectomy")[0]
    assert words("Catheters, for the access") == words("catheter access")


def test_long_chinese_words_are_found_by_the_shorter_ones_within() -> None:
    assert {"支架"} < set(words("血管支架取栓装置", within=True))


def test_accents_and_full_width_letters_do_not_matter() -> None:
    assert words("Médecine ＡＩ") == words("medecine ai")


@pytest.mark.parametrize("text", ["", "   ", "的", "the of", "!?&|'\\", "\U0001f600"])
def test_a_text_without_words_asks_for_nothing(text: str) -> None:
    assert query(text) is None


@pytest.mark.parametrize("text", ["a' | b", "x:*", "foo & !bar", "支架\\", "(", "'; DROP TABLE organisation; --"])
def test_a_query_holds_words_and_never_operators_of_the_text(text: str) -> None:
    found = query(text)
    assert found is None or set(found.replace("'", "").replace(" & ", "").replace(":*", "")) <= set(
        "abcdefghijklmnopqrstuvwxyz支架"
    )


def test_names_weigh_more_than_summaries() -> None:
    vector = document([("A", "Example"), ("D", "example text"), ("C", None)])
    assert "'exampl':1A,2D" in vector

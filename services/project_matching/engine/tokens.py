"""Turns running text into the numbers of its words, in Chinese and in English (matching words, not grammar)."""

import re
import threading
import unicodedata
from collections.abc import Callable

import rjieba
import Stemmer

from project_matching.engine.spelling import american
from project_matching.engine.stop_words import STOP_WORDS
from project_matching.engine.terms import term_of

RUN = re.compile(r"[a-z0-9]+|[\u3400-\u4dbf\u4e00-\u9fff]+")
_MARKS = re.compile(r"[\u0300-\u036f]+")
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-z]+")
_CHINESE_SHARE = 0.15
_LEXICON_LIMIT = 400_000
_local = threading.local()


def normalised(text: str) -> str:
    """Compatibility forms folded, lower case, accents dropped; ASCII text takes the short way."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).lower()
    return unicodedata.normalize("NFKC", _MARKS.sub("", folded))


def is_chinese(text: str) -> bool:
    """Whether more than 15 % of the letters of a normalised text are Chinese characters."""
    if text.isascii():
        return False
    chinese, latin = (sum(map(len, letters.findall(text))) for letters in (_CJK, _LATIN))
    return chinese > _CHINESE_SHARE * (chinese + latin)


def stem(word: str) -> str:
    """The Snowball stem of a lower-case word, British or American; words with digits stay as they are."""
    if not word.isalpha():
        return word
    try:
        stemmer = _local.stemmer
    except AttributeError:  # a Stemmer keeps a buffer of its own, so each thread has one
        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    return str(stemmer.stemWord(american(word)))


class _Lexicon(dict[str, int]):
    """Word to term number, filled as words are met; emptied when a flood of new words made it large."""

    def __init__(self, number: Callable[[str], int]) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, word: str) -> int:
        if len(self) > _LEXICON_LIMIT:
            self.clear()
        self[word] = number = self._number(word)
        return number


def _english_number(word: str) -> int:
    """0 for stop words and single characters, else the number of the stem."""
    return 0 if len(word) == 1 or word in STOP_WORDS else term_of(stem(word))


def _chinese_number(word: str) -> int:
    """0 for words of one character (the pairs of characters cover them), else the word's number."""
    return 0 if len(word) == 1 else term_of("/" + word)


_english = _Lexicon(_english_number)
_chinese = _Lexicon(_chinese_number)


def english_terms(words: list[str]) -> list[int]:
    """The terms of lower-case words in reading order, without those that say nothing."""
    return [number for number in map(_english.__getitem__, words) if number]


def english_term(word: str) -> int:
    """The term of one lower-case word, or 0."""
    return _english[word]


def chinese_words(run: str) -> list[str]:
    """The dictionary words of a run of Chinese characters."""
    return list(rjieba.cut(run))


def chinese_terms(run: str) -> list[int]:
    return [number for number in map(_chinese.__getitem__, rjieba.cut(run)) if number]

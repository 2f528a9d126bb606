"""Finds where a text says what a term stands for: the words of an explanation as they were written."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from project_matching.engine.glossary import glossary
from project_matching.engine.model import Need, Profile, Text
from project_matching.engine.terms import Terms, unordered_pairs
from project_matching.engine.tokens import RUN, english_term, english_terms, normalised

_WRITTEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W_\u3400-\u4dbf\u4e00-\u9fff]+")
_MOST_FORMS = 6


@dataclass
class Surfaces:
    """One side's words: the forms of each English stem, Chinese phrases by stem, runs of Chinese characters.

    `pairs` says which two stems a pair of words is made of; it is asked of the need's side only.
    """

    forms: dict[int, list[str]] = field(default_factory=dict)
    phrases: dict[int, list[str]] = field(default_factory=dict)
    pairs: dict[int, tuple[int, int]] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def add(self, text: str, with_pairs: bool) -> None:
        stems: list[int] = []
        for written in _WRITTEN.findall(text):
            if written.isascii():
                numbers = [english_term(written.lower())]
            else:
                tokens = RUN.findall(normalised(written))
                self.runs.extend(token for token in tokens if token >= "\u3400")
                numbers = english_terms([token for token in tokens if token < "\u3400"])
            for number in filter(None, numbers):
                stems.append(number)
                _remember(self.forms, number, written)
        if not text.isascii():
            stems += self._add_phrases(text)
        if with_pairs:
            self._pair_up(stems)

    def _add_phrases(self, text: str) -> list[int]:
        """The phrases of the glossary; gives back their stems, each phrase after a gap."""
        plain, stems = normalised(text), []
        for entry in glossary().found_in(plain):
            place = plain.find(entry.chinese)
            phrase = text[place : place + len(entry.chinese)] if len(plain) == len(text) else entry.chinese
            for number in entry.stems:
                _remember(self.phrases, number, phrase)
            stems += [0, 0, *entry.stems]
        return stems

    def _pair_up(self, numbers: list[int]) -> None:
        stems: Terms = np.array(numbers, dtype=np.uint64)
        for gap in (1, 2):
            left, right = stems[:-gap], stems[gap:]
            both = zip(left.tolist(), right.tolist(), strict=True)
            self.pairs.update(zip(unordered_pairs(left, right).tolist(), both, strict=True))

    @property
    def stems(self) -> frozenset[int]:
        return frozenset((*self.forms, *self.phrases))

    def of(self, stem: int) -> tuple[str, list[str]]:
        """The language and the forms of a stem: the word itself, else the longest phrase that means it."""
        if stem in self.forms:
            return "en", self.forms[stem]
        return "zh", sorted(self.phrases.get(stem, []), key=len, reverse=True)[:1]


def _remember(known: dict[int, list[str]], number: int, form: str) -> None:
    forms = known.setdefault(number, [])
    if form not in forms and len(forms) < _MOST_FORMS:
        forms.append(form)


def _of(texts: list[Text], with_pairs: bool) -> Surfaces:
    surfaces = Surfaces()
    for text in texts:
        for part in text.parts():
            surfaces.add(part, with_pairs)
    return surfaces


@lru_cache(maxsize=128)
def need_surfaces(need: Need) -> Surfaces:
    return _of([need.title, *need.texts], with_pairs=True)


@lru_cache(maxsize=512)
def profile_surfaces(profile: Profile) -> Surfaces:
    items = [text for item in profile.items for text in (item.title, item.text)]
    return _of([profile.names, profile.summary, *profile.capabilities, *items], with_pairs=False)

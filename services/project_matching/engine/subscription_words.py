"""The words of a subscription as questions to a need: is this said, in Chinese or in English?"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

import numpy as np

from project_matching.engine.glossary import glossary
from project_matching.engine.statistics import shipped_statistics
from project_matching.engine.terms import Terms, character_pairs, unordered_pairs
from project_matching.engine.tokens import RUN, english_terms, normalised

_MOST_WAYS = 8  # alternatives of one word
_SINGLE = 2


@dataclass(frozen=True)
class Word:
    """One word or phrase; it is said if all terms of one of its `ways` are said, the rarest term first."""

    ways: tuple[tuple[int, ...], ...]
    rarity: int

    def said_in(self, said: frozenset[int]) -> bool:
        return any(said.issuperset(way) for way in self.ways)


@lru_cache(maxsize=100_000)
def word_of(text: str) -> Word | None:
    """The question a subscriber's word asks; None where it holds nothing to ask for, such as "the"."""
    runs = RUN.findall(normalised(text))
    own = _own_terms(runs)
    if not own:
        return None
    ways = [own, *_translated(runs)] if any(run >= "\u3400" for run in runs) else [own]
    arranged = tuple(dict.fromkeys(_rarest_first(way) for way in ways))
    return Word(arranged, min(_rarity(way[0]) for way in arranged))


def _own_terms(runs: list[str]) -> list[int]:
    """Chinese characters and their pairs, English stems and the pairs of neighbouring stems."""
    terms: list[int] = []
    for run in runs:
        if run >= "\u3400":
            codes = np.frombuffer(run.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            after = codes[1:] if len(codes) >= _SINGLE else np.zeros_like(codes)
            terms.extend(character_pairs(codes[: len(after)], after).tolist())
    return terms + _phrase(english_terms([run for run in runs if run < "\u3400"]))


def _phrase(numbers: list[int]) -> list[int]:
    stems: Terms = np.array(numbers, dtype=np.uint64)
    return numbers + list(unordered_pairs(stems[:-1], stems[1:]).tolist())


def _translated(runs: list[str]) -> list[list[int]]:
    """English ways to say a Chinese word that the glossary covers from end to end."""
    text = "".join(run for run in runs if run >= "\u3400")
    entries = glossary().found_in(text)
    if sum(len(entry.chinese) for entry in entries) != len(text):
        return []
    latin = _phrase(english_terms([run for run in runs if run < "\u3400"]))
    choices = islice(product(*(entry.phrases for entry in entries)), _MOST_WAYS)
    return [latin + [term for phrase in chosen for term in _phrase(list(phrase))] for chosen in choices]


def _rarity(term: int) -> int:
    known = shipped_statistics()
    number = np.array([term], dtype=np.uint64)
    return int(min(known.en.rarity_of(number)[0], known.zh.rarity_of(number)[0]))


def _rarest_first(terms: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(terms), key=lambda term: (-_rarity(term), term)))

"""The words of a subscription as questions to a need: is this said, in Chinese or in English?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

import numpy as np

from project_matching.engine.glossary import glossary
from project_matching.engine.statistics import UNIT, ChannelStatistics, shipped_statistics
from project_matching.engine.terms import Terms, character_pairs, unordered_pairs
from project_matching.engine.tokens import RUN, english_terms, normalised

_MOST_WAYS = 8  # alternatives of one word
_RARITY_OF_ONE_CHARACTER = 2 * UNIT  # the tables hold none; they are frequent
Way = dict[int, int]  # terms that must all be said, with their rarities


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
    arranged = {tuple(sorted(way, key=lambda term: (-way[term], term))): max(way.values()) for way in ways}
    return Word(tuple(arranged), min(arranged.values()))


def _own_terms(runs: list[str]) -> Way:
    """Chinese characters and their pairs, English stems and the pairs of neighbouring stems."""
    way: Way = {}
    for run in runs:
        if run >= "\u3400":
            codes = np.frombuffer(run.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            if len(codes) == 1:
                way[int(character_pairs(codes, np.zeros_like(codes))[0])] = _RARITY_OF_ONE_CHARACTER
            pairs = character_pairs(codes[:-1], codes[1:])
            way.update(_rarities(pairs, shipped_statistics().zh))
    return way | _phrase(english_terms([run for run in runs if run < "\u3400"]))


def _phrase(numbers: Sequence[int]) -> Way:
    """The stems of an English phrase and the pairs of neighbours."""
    stems: Terms = np.array(numbers, dtype=np.uint64)
    terms = np.concatenate([stems, unordered_pairs(stems[:-1], stems[1:])])
    return _rarities(terms, shipped_statistics().en)


def _rarities(terms: Terms, known: ChannelStatistics) -> Way:
    return dict(zip(terms.tolist(), known.rarity_of(terms).tolist(), strict=True))


def _translated(runs: list[str]) -> list[Way]:
    """English ways to say a Chinese word that the glossary covers from end to end."""
    text = "".join(run for run in runs if run >= "\u3400")
    entries = glossary().found_in(text)
    if sum(len(entry.chinese) for entry in entries) != len(text):
        return []
    latin = _phrase(english_terms([run for run in runs if run < "\u3400"]))
    choices = islice(product(*(entry.phrases for entry in entries)), _MOST_WAYS)
    return [latin | {t: r for phrase in chosen for t, r in _phrase(phrase).items()} for chosen in choices]

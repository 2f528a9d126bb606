"""Finds the item of a profile that carries most of what matched."""

from functools import lru_cache

import numpy as np

from project_matching.engine.glossary import glossary
from project_matching.engine.model import BestItem, Item, Profile
from project_matching.engine.terms import character_pairs
from project_matching.engine.tokens import RUN, chinese_terms, english_terms, normalised

_SHORT = 20  # terms: shorter items are not preferred any further


@lru_cache(maxsize=4096)
def _terms(item: Item) -> tuple[frozenset[int], int]:
    """The terms of one item and how many words they are, pairs of English words left out: the words say enough."""
    text = normalised("\n".join((*item.title.parts(), *item.text.parts())))
    runs = RUN.findall(text)
    terms = english_terms([run for run in runs if run < "\u3400"])
    for run in runs:
        if run >= "\u3400":
            codes = np.frombuffer(run.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            terms.extend(character_pairs(codes[:-1], codes[1:]).tolist())
            terms.extend(chinese_terms(run))
    terms.extend(stem for entry in glossary().found_in(text) for stem in entry.stems)
    return frozenset(terms), len(terms)


def best_item(profile: Profile, added: dict[int, int]) -> BestItem | None:
    """The item with the most telling words for its length; `value` is the share of the match that it carries."""
    best, highest, whole = None, 0.0, sum(added.values())
    for position, item in enumerate(profile.items):
        terms, length = _terms(item)
        gained = sum(added[term] for term in terms.intersection(added))
        telling = gained / max(length, _SHORT) ** 0.5
        if telling > highest:
            best, highest = BestItem(position, item.title, round(min(gained / whole, 1.0), 4)), telling
    return best

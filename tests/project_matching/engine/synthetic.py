"""A made-up corpus of analysed profiles and needs of any size, for pruning tests and for the bench.

45 terms a profile (3 common tags, 12 less common ones, 30 words, Zipf), 50 a need, as in a registry of real size;
weights by rarity, so that frequent terms weigh little.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from project_matching.engine import AnalysedNeed, AnalysedProfile, Need, Profile, Text
from project_matching.engine.analysis import NOTHING, ONE, Weighted
from project_matching.engine.traits import need_traits, profile_traits

KINDS = ("enterprise", "enterprise", "enterprise", "university", "hospital", "institute")
SPECIALTIES = ("aneurysm", "icas", "csdh", "imaging_ai", "robots", "microbiology", "toxicology", "other")
REGIONS = ("CN-11", "CN-31", "CN-44", "US-CA", None)


@dataclass(frozen=True)
class Corpus:
    profiles: list[AnalysedProfile]
    needs: list[AnalysedNeed]


def corpus(profiles: int, needs: int, seed: int = 1) -> Corpus:
    random = np.random.default_rng(seed)
    words = max(2000, profiles // 2)
    told = _drawn(random, profiles, words, extra=0)
    asked = _drawn(random, needs, words, extra=5)
    rarity = _rarity(told, profiles)
    names = np.random.default_rng(9).permutation(np.arange(1, 1 << 20, dtype=np.uint64))
    return Corpus(
        [_profile(number, _weighted(terms, rarity, names), random) for number, terms in enumerate(told)],
        [_need(number, _weighted(terms, rarity, names), random) for number, terms in enumerate(asked)],
    )


def _drawn(random: np.random.Generator, count: int, words: int, extra: int) -> list[NDArray[np.int64]]:
    """Rows of distinct term numbers: specialties from 40, tags from 1 000, words from all, the low ones often."""
    columns = []
    for size, first, space in ((3, 0, 40), (12, 40, 1000), (30 + extra, 1040, words)):
        spread = random.random((count, size))
        columns.append(first + (space * spread**2.5).astype(np.int64))
    return [np.unique(row) for row in np.concatenate(columns, axis=1)]


def _rarity(rows: list[NDArray[np.int64]], documents: int) -> dict[int, float]:
    terms, counts = np.unique(np.concatenate(rows), return_counts=True)
    return dict(zip(terms.tolist(), np.log((1 + documents) / (1 + counts)).tolist(), strict=True))


def _weighted(terms: NDArray[np.int64], rarity: dict[int, float], names: NDArray[np.uint64]) -> Weighted:
    raw = np.array([rarity.get(term, 8.0) for term in terms.tolist()])
    numbers = names[terms % len(names)]
    order = np.argsort(numbers)
    weights = np.rint(raw / np.sqrt(np.sum(raw * raw)) * ONE)[order].astype(np.uint16)
    return Weighted(numbers[order][weights > 0], weights[weights > 0])


def _profile(number: int, en: Weighted, random: np.random.Generator) -> AnalysedProfile:
    kind, specialty, region = (values[int(random.integers(len(values)))] for values in (KINDS, SPECIALTIES, REGIONS))
    profile = Profile(f"o{number:07d}", str(kind), Text(en="Made up"), specialties=(str(specialty),), region=region)
    return AnalysedProfile(profile, profile_traits(profile), NOTHING, en)


def _need(number: int, en: Weighted, random: np.random.Generator) -> AnalysedNeed:
    specialty, region = (values[int(random.integers(len(values)))] for values in (SPECIALTIES, REGIONS))
    need = Need(
        f"n{number:05d}", "asker", Text(en="Made up"), specialty=str(specialty), wanted=("enterprise",), region=region
    )
    return AnalysedNeed(need, need_traits(need), NOTHING, en, frozenset(en.terms.tolist()))

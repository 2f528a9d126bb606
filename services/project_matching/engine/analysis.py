"""Turns needs and profiles into weighted terms: the costly step, done once per text and kept.

A profile's weight of a term is (1 + ln count) x rarity, divided by a pivoted length (half the usual, half its
own). A need's is ln(1 + count) x rarity, divided by its length; words of its title count three times. Weights
are rounded to whole numbers, so that sums do not depend on the order of adding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.model import Need, Profile, Text
from project_matching.engine.statistics import (
    UNIT,
    ChannelStatistics,
    Statistics,
    logarithm,
    shipped_statistics,
)
from project_matching.engine.tally import Counted, Tally
from project_matching.engine.terms import Terms

ONE = 1 << 14  # the whole number that stands for a weight of 1
TITLE_WEIGHT = 3
DERIVED_SHARE = (3, 5)  # what a word counts that only the glossary brought
CHANNEL_SHARE = {"zh": (2, 3), "en": (1, 1)}  # Chinese word scores run higher; one floor serves both
SCARCE = 24 * UNIT * UNIT  # below this length a need's purely derived words count for less: they are few
_LONGEST_TEXT = 100_000


@dataclass(frozen=True, eq=False)
class Weighted:
    """Distinct terms, ascending, with their weights in units of 1 / ONE."""

    terms: Terms
    weights: NDArray[np.uint16]


NOTHING = Weighted(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint16))


@dataclass(frozen=True, eq=False)
class AnalysedNeed:
    """A need ready for scoring: the record itself, its weighted terms, and all it says (for subscriptions)."""

    need: Need
    zh: Weighted
    en: Weighted
    said: frozenset[int]


@dataclass(frozen=True, eq=False)
class AnalysedProfile:
    """A profile ready for scoring and indexing."""

    profile: Profile
    zh: Weighted
    en: Weighted


def _add(tally: Tally, text: Text, weight: int = 1) -> None:
    for part in text.parts():
        tally.add(part[:_LONGEST_TEXT], weight)


def need_tally(need: Need) -> Tally:
    tally = Tally()
    _add(tally, need.title, TITLE_WEIGHT)
    for text in need.texts:
        _add(tally, text)
    return tally


def profile_tally(profile: Profile) -> Tally:
    """Names and item titles count twice: they are the shortest and surest statements of a profile."""
    tally = Tally()
    _add(tally, profile.names, 2)
    _add(tally, profile.summary)
    for capability in profile.capabilities:
        _add(tally, capability)
    for item in profile.items:
        _add(tally, item.title, 2)
        _add(tally, item.text)
    return tally


def analyse_need(need: Need, known: Statistics | None = None) -> AnalysedNeed:
    known = known or shipped_statistics()
    tally = need_tally(need)
    zh = _need_weights(tally.chinese(), known.zh, "zh")
    en = _need_weights(tally.english(), known.en, "en")
    return AnalysedNeed(need, zh, en, tally.said())


def analyse_profile(profile: Profile, known: Statistics | None = None) -> AnalysedProfile:
    known = known or shipped_statistics()
    tally = profile_tally(profile)
    return AnalysedProfile(
        profile, _profile_weights(tally.chinese(), known.zh), _profile_weights(tally.english(), known.en)
    )


def _grown(counts: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """`first` (what one occurrence counts) plus the logarithm; a need's count starts at ln 2 instead."""
    return np.where(counts > 0, first + logarithm(counts + (0 if first else 1)), 0)


def _raw(counted: Counted, known: ChannelStatistics, first: int) -> tuple[NDArray[np.int64], float]:
    """Weights before division, in 256ths x 256ths, and the length they are measured by.

    Derived words are reduced after the length is taken: else they would count fully where they are alone.
    """
    rarity = known.rarity_of(counted.terms)
    own, derived = _grown(counted.counts, first), _grown(counted.derived, first)
    share, whole = DERIVED_SHARE
    length = norm(np.maximum(own, derived) * rarity)
    return np.maximum(own, derived * share // whole) * rarity, length


def norm(raw: NDArray[np.int64]) -> float:
    """The Euclidean length; the sum of squares is whole, the root is correctly rounded by IEEE 754."""
    return float(np.sqrt(np.float64(np.sum(raw * raw))))


def profile_norm(counted: Counted, known: ChannelStatistics) -> float:
    return _raw(counted, known, UNIT)[1]


def _profile_weights(counted: Counted, known: ChannelStatistics) -> Weighted:
    raw, length = _raw(counted, known, UNIT)
    return _quantised(counted.terms, raw, 0.5 * known.usual_norm + 0.5 * length)


def _need_weights(counted: Counted, known: ChannelStatistics, channel: str) -> Weighted:
    raw, length = _raw(counted, known, 0)
    if not counted.counts.any():
        length = float(np.sqrt(np.float64(length) ** 2 + np.float64(SCARCE) ** 2))
    share, whole = CHANNEL_SHARE[channel]
    return _quantised(counted.terms, raw, length * whole / share)


def _quantised(terms: Terms, raw: NDArray[np.int64], divisor: float) -> Weighted:
    if not len(terms) or divisor <= 0:
        return NOTHING
    weights = np.rint(raw / divisor * ONE)
    kept = weights > 0
    return Weighted(terms[kept], np.minimum(weights[kept], 65_535).astype(np.uint16))

"""Turns needs and profiles into weighted terms: the costly step, done once per text and kept.

A profile's weight of a term is (1 + ln count) x rarity, divided by a pivoted length (half the usual, half its
own). A need's is ln(1 + count) x rarity, divided by its length; words of its title count three times. Weights
are rounded to whole numbers, so that sums do not depend on the order of adding.
"""

from dataclasses import dataclass
from typing import NamedTuple

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
from project_matching.engine.terms import Terms, translated
from project_matching.engine.traits import NeedTraits, ProfileTraits, need_traits, profile_traits

ONE = 1 << 14  # the whole number that stands for a weight of 1
TITLE_WEIGHT = 3
TRANSLATED_SHARE = (3, 5)  # what a word counts that only the glossary brought
CHANNEL_SHARE = {"zh": (1, 2), "en": (1, 1)}  # Chinese word scores run higher; one floor serves both
SCARCE = 24 * UNIT * UNIT  # below this length a need's purely derived words count for less: they are few
_LONGEST_TEXT = 100_000


@dataclass(frozen=True, eq=False)
class Weighted:
    """Distinct terms, ascending, with their weights in units of 1 / ONE."""

    terms: Terms
    weights: NDArray[np.uint16]


NOTHING = Weighted(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint16))


class Raw(NamedTuple):
    """Terms with weights before division, in 256ths x 256ths."""

    terms: Terms
    weights: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class AnalysedNeed:
    """A need ready for scoring: the record itself, what it is compared by, and all it says.

    What it says, for the yes-or-no questions of subscriptions, is all terms of both channels and single characters.
    """

    need: Need
    traits: NeedTraits
    zh: Weighted
    en: Weighted
    said: frozenset[int]


@dataclass(frozen=True, eq=False)
class AnalysedProfile:
    """A profile ready for scoring and indexing."""

    profile: Profile
    traits: ProfileTraits
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
    chinese, english = tally.chinese(), tally.english()
    zh, en = _need_weights(chinese, known.zh, "zh"), _need_weights(english, known.en, "en")
    said = frozenset(np.concatenate([chinese.terms, english.terms, tally.characters()]).tolist())
    return AnalysedNeed(need, need_traits(need), zh, en, said)


def analyse_profile(profile: Profile, known: Statistics | None = None) -> AnalysedProfile:
    known = known or shipped_statistics()
    tally = profile_tally(profile)
    zh = _profile_weights(tally.chinese(), known.zh)
    en = _profile_weights(tally.english(), known.en)
    return AnalysedProfile(profile, profile_traits(profile), zh, en)


def norm(raw: NDArray[np.int64]) -> float:
    """The Euclidean length; the sum of squares is whole, the root is correctly rounded by IEEE 754."""
    return float(np.sqrt(np.float64(np.sum(raw * raw))))


def _grown(counts: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """`first` (what one occurrence counts) plus the logarithm; a need's count starts at ln 2 instead."""
    return np.where(counts > 0, first + logarithm(counts + (0 if first else 1)), 0)


def _length(counted: Counted, known: ChannelStatistics, first: int) -> float:
    """The length of all that is said, own words and translated ones alike."""
    weights = np.maximum(_grown(counted.counts, first), _grown(counted.derived, first))
    return norm(weights * known.rarity_of(counted.terms))


def profile_length(counted: Counted, known: ChannelStatistics) -> float:
    return _length(counted, known, UNIT)


def _split(counted: Counted, known: ChannelStatistics, first: int) -> tuple[Raw, Raw]:
    """The raw weights of own terms, and of terms that only the glossary brought, which count for less."""
    rarity = known.rarity_of(counted.terms)
    share, whole = TRANSLATED_SHARE
    own = counted.counts > 0
    said = Raw(counted.terms[own], (_grown(counted.counts, first) * rarity)[own])
    meant = Raw(counted.terms[~own], (_grown(counted.derived, first) * rarity * share // whole)[~own])
    return said, meant


def _profile_weights(counted: Counted, known: ChannelStatistics) -> Weighted:
    """Own terms, and what the glossary brought as translated terms, which only an English need asks for."""
    said, meant = _split(counted, known, UNIT)
    length = 0.5 * known.usual_norm + 0.5 * profile_length(counted, known)
    return _quantised((said, Raw(translated(meant.terms), meant.weights)), length)


def _need_weights(counted: Counted, known: ChannelStatistics, channel: str) -> Weighted:
    """Own terms both plain and translated; what the glossary brought only plain.

    So two Chinese texts meet in Chinese only: their translations would say the same once more, less exactly.
    """
    said, meant = _split(counted, known, 0)
    length = _length(counted, known, 0)
    if not len(said.terms):
        length = float(np.sqrt(np.float64(length) ** 2 + np.float64(SCARCE) ** 2))
    share, whole = CHANNEL_SHARE[channel]
    parts = (said, meant) if channel == "zh" else (said, meant, Raw(translated(said.terms), said.weights))
    return _quantised(parts, length * whole / share)


def _quantised(parts: tuple[Raw, ...], divisor: float) -> Weighted:
    terms = np.concatenate([part.terms for part in parts])
    if not len(terms) or divisor <= 0:
        return NOTHING
    weights = np.rint(np.concatenate([part.weights for part in parts]) / divisor * ONE)
    order = np.argsort(terms)
    order = order[weights[order] > 0]
    return Weighted(terms[order], np.minimum(weights[order], 65_535).astype(np.uint16))

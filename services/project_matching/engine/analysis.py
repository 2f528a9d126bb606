"""Turns needs and profiles into weighted terms: the costly step, done once per text and kept.

A profile's weight of a term is (1 + ln count) x rarity, divided by a pivoted length (half the usual, half its
own). A need's is ln(1 + count) x rarity, divided by its length; words of its title count three times. Weights
are rounded to whole numbers, so that sums do not depend on the order of adding.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

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
from project_matching.engine.tally import Counted, Tally, Wholes, characters, chinese, english
from project_matching.engine.terms import TERM_BITS, Terms, translated
from project_matching.engine.traits import NeedTraits, ProfileTraits, need_traits, profile_traits

ONE = 1 << 14  # the whole number that stands for a weight of 1
TITLE_WEIGHT = 3
TRANSLATED_SHARE = (3, 5)  # what a word counts that only the glossary brought
CHANNEL_SHARE = {"zh": (1, 2), "en": (1, 1)}  # Chinese word scores run higher; one floor serves both
SCARCE = 24 * UNIT * UNIT  # below this length a need's purely derived words count for less: they are few
_LONGEST_TEXT = 100_000
_AT_ONCE = 50_000  # words and characters that are counted in one go


@dataclass(frozen=True, eq=False, slots=True)
class Weighted:
    """Distinct terms, ascending, with their weights in units of 1 / ONE."""

    terms: Terms
    weights: NDArray[np.uint16]


NOTHING = Weighted(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint16))


@dataclass(frozen=True, eq=False, slots=True)
class AnalysedNeed:
    """A need ready for scoring: the record itself, what it is compared by, and all it says.

    What it says, for the yes-or-no questions of subscriptions, is all terms of both channels and single characters.
    """

    need: Need
    traits: NeedTraits
    zh: Weighted
    en: Weighted
    said: frozenset[int]


@dataclass(frozen=True, eq=False, slots=True)
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
    in_chinese, in_english = chinese([tally]), english([tally])
    (zh,), (en,) = _need_weights(in_chinese, known.zh, "zh"), _need_weights(in_english, known.en, "en")
    said = frozenset(np.concatenate([in_chinese.terms, in_english.terms, characters(tally)]).tolist())
    return AnalysedNeed(need, need_traits(need), zh, en, said)


def analyse_profile(profile: Profile, known: Statistics | None = None) -> AnalysedProfile:
    return analyse_profiles([profile], known)[0]


def restated(analysed: AnalysedProfile, *, kind: str, active: bool) -> AnalysedProfile:
    """The same words under another kind and standing: no text is cut again."""
    profile = replace(analysed.profile, kind=kind, active=active)
    return replace(analysed, profile=profile, traits=profile_traits(profile))


def analyse_profiles(profiles: Iterable[Profile], known: Statistics | None = None) -> list[AnalysedProfile]:
    """The same as one by one, in a third of the time: numpy costs per call, not per term."""
    known = known or shipped_statistics()
    analysed: list[AnalysedProfile] = []
    for batch, tallies in _batches(profiles):
        zh = _profile_weights(chinese(tallies), known.zh)
        en = _profile_weights(english(tallies), known.en)
        analysed += map(AnalysedProfile, batch, map(profile_traits, batch), zh, en)
    return analysed


def _batches(profiles: Iterable[Profile]) -> Iterator[tuple[list[Profile], list[Tally]]]:
    """Bounded by their words, not by their number: profiles may be long, and what is counted should fit in a cache."""
    batch: list[Profile] = []
    tallies: list[Tally] = []
    size = 0
    for profile in profiles:
        batch.append(profile)
        tallies.append(profile_tally(profile))
        size += len(tallies[-1])
        if size >= _AT_ONCE:
            yield batch, tallies
            batch, tallies, size = [], [], 0
    yield batch, tallies


def _grown(counts: Wholes, first: int) -> Wholes:
    """`first` (what one occurrence counts) plus the logarithm; a need's count starts at ln 2 instead."""
    return np.where(counts > 0, first + logarithm(counts + (0 if first else 1)), 0)


def _raw(counted: Counted, known: ChannelStatistics, first: int) -> tuple[Wholes, NDArray[np.float64]]:
    """Of each entry the weight before division, in 256ths x 256ths, and of each document the Euclidean length.

    What only the glossary brought counts for less; the length is that of all that is said, own words and translated
    ones alike. The sums of squares are whole, the roots are correctly rounded by IEEE 754.
    """
    rarity = known.rarity_of(counted.terms)
    own, meant = _grown(counted.counts, first)
    squares = np.zeros(counted.documents, dtype=np.int64)
    np.add.at(squares, counted.rows, (np.maximum(own, meant) * rarity) ** 2)
    share, whole = TRANSLATED_SHARE
    return np.where(counted.own, own * rarity, meant * rarity * share // whole), np.sqrt(squares)


def profile_lengths(counted: Counted, known: ChannelStatistics) -> NDArray[np.float64]:
    return _raw(counted, known, UNIT)[1]


def _profile_weights(counted: Counted, known: ChannelStatistics) -> list[Weighted]:
    """Own terms, and what the glossary brought as translated terms, which only an English need asks for."""
    if not len(counted.terms):
        return [NOTHING] * counted.documents
    raw, lengths = _raw(counted, known, UNIT)
    terms = np.where(counted.own, counted.terms, translated(counted.terms))
    return _quantised(counted.rows, terms, raw, 0.5 * known.usual_norm + 0.5 * lengths)


def _need_weights(counted: Counted, known: ChannelStatistics, channel: str) -> list[Weighted]:
    """Own terms both plain and translated; what the glossary brought only plain.

    So two Chinese texts meet in Chinese only: their translations would say the same once more, less exactly.
    """
    if not len(counted.terms):
        return [NOTHING] * counted.documents
    raw, lengths = _raw(counted, known, 0)
    own, rows, terms = counted.own, counted.rows, counted.terms
    speaks = np.bincount(rows[own], minlength=counted.documents) > 0
    lengths = np.where(speaks, lengths, np.sqrt(lengths**2 + SCARCE**2))
    if channel == "en":
        rows, raw = np.concatenate([rows, rows[own]]), np.concatenate([raw, raw[own]])
        terms = np.concatenate([terms, translated(terms[own])])
    share, whole = CHANNEL_SHARE[channel]
    return _quantised(rows, terms, raw, lengths * whole / share)


def _quantised(rows: Wholes, terms: Terms, raw: Wholes, divisors: NDArray[np.float64]) -> list[Weighted]:
    """Per document its terms with their weights, in copies: a part of an array would keep all of it in memory."""
    divisors = np.where(divisors > 0, divisors, 1)  # a length of 0 divides only zeros
    weights = np.rint(raw / divisors[rows] * ONE)
    order = np.argsort((rows.astype(np.uint64) << np.uint64(TERM_BITS)) | terms)
    order = order[weights[order] > 0]
    terms, weights = terms[order], np.minimum(weights[order], 65_535).astype(np.uint16)
    ends = np.cumsum(np.bincount(rows[order], minlength=len(divisors))).tolist()
    return [Weighted(terms[start:end].copy(), weights[start:end].copy()) for start, end in pairwise([0, *ends])]

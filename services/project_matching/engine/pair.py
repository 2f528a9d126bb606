"""One pair scored on its own: what a stored suggestion can be checked against."""

import numpy as np

from project_matching.engine.analysis import AnalysedNeed, AnalysedProfile, Weighted
from project_matching.engine.exclusions import exclusion
from project_matching.engine.facets import STEP, TEXT_FLOOR, steps_beside_text, text_points
from project_matching.engine.model import Scored
from project_matching.engine.terms import plain


def word_score(asked: Weighted, told: Weighted) -> int:
    """The dot product of the weights of the terms both have."""
    _, left, right = np.intersect1d(asked.terms, told.terms, assume_unique=True, return_indices=True)
    return int(np.dot(asked.weights[left].astype(np.int64), told.weights[right].astype(np.int64)))


def contributions(need: AnalysedNeed, profile: AnalysedProfile, channel: str) -> dict[int, int]:
    """What each shared term of a channel adds to the word score, translated or not."""
    asked, told = (need.zh, profile.zh) if channel == "zh" else (need.en, profile.en)
    terms, left, right = np.intersect1d(asked.terms, told.terms, assume_unique=True, return_indices=True)
    products = asked.weights[left].astype(np.int64) * told.weights[right].astype(np.int64)
    return dict(zip(map(plain, terms.tolist()), products.tolist(), strict=True))


def best_channel(need: AnalysedNeed, profile: AnalysedProfile) -> tuple[str, int]:
    """The channel in which the two texts agree more, and the word score there."""
    zh, en = word_score(need.zh, profile.zh), word_score(need.en, profile.en)
    return ("zh", zh) if zh > en else ("en", en)


def scored(need: AnalysedNeed, profile: AnalysedProfile) -> Scored:
    """The score of any pair, also of one that would not be suggested."""
    text = int(text_points(best_channel(need, profile)[1]))
    beside = int(steps_beside_text(need.traits, profile.traits)) * STEP
    return Scored(need.need.id, profile.profile.organisation_id, text + beside, text)


def may_be_suggested(need: AnalysedNeed, profile: AnalysedProfile, text_floor: int = TEXT_FLOOR) -> bool:
    """Whether the words alone reach the floor and no rule forbids the pair."""
    if exclusion(need.need, profile.profile) is not None:
        return False
    return best_channel(need, profile)[1] >= max(text_floor, 1)

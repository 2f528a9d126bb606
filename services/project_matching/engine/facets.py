"""The score of a pair: text and six small facets, in whole millionths, for one pair or for many at once.

Every function takes whole numbers or arrays of them on either side, so that one need against many profiles,
one profile against many needs and a single pair run through the same code and give the same numbers.
"""

from typing import Any

import numpy as np

from project_matching.engine.analysis import ONE
from project_matching.engine.traits import NeedTraits, ProfileTraits, Whole

WEIGHTS = {  # millionths; they add up to a million
    "text": 800_000,
    "specialty": 80_000,
    "achievement_type": 40_000,
    "stage": 20_000,
    "device_class": 20_000,
    "collaboration": 20_000,
    "region": 20_000,
}
BESIDE_TEXT = tuple(code for code in WEIGHTS if code != "text")
HALF_AT = round(0.08 * ONE * ONE)  # the word score that earns half of the text's points
TEXT_FLOOR = round(0.04 * ONE * ONE)  # below this the words are too few to suggest anything
FULL = 2  # facet values are counted in halves
STEP = 10_000  # points beside text come in steps of this size

Numbers = Any  # an int or an int64 array; numpy's stubs have no word for "either, and the same comes back"


def text_points(raw: Whole) -> Numbers:
    """Word score (dot product, in ONE x ONE) to millionths: grows with the score, ever more slowly."""
    return WEIGHTS["text"] * raw // (raw + HALF_AT)


def least_raw(points: int) -> int:
    """The smallest word score that earns at least this many points."""
    if points <= 0:
        return 0
    if points >= WEIGHTS["text"]:
        return 1 << 62
    return -(-points * HALF_AT // (WEIGHTS["text"] - points))


def _graded(full: Any, half: Any) -> Numbers:
    """A half for what fits at least by half, another half for what fits in full."""
    return np.add(full, np.logical_or(full, half), dtype=np.int64)


def _both(left: Any, right: Any) -> Numbers:
    return np.logical_and(left, right)


def specialty(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """Full for the need's specialty, half for a neighbouring one."""
    return _graded((need.specialty & profile.specialties) != 0, (need.related & profile.specialties) != 0)


def achievement_type(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """Whether the organisation makes the sort of thing the need is to become."""
    return _graded((need.fits & profile.makes) != 0, (need.fits_half & profile.makes) != 0)


def stage(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """Full if one of its items has come as far as the need has, half if one step less."""
    stated = _both(np.greater_equal(need.stage, 0), np.greater_equal(profile.stage, 0))
    return _graded(
        _both(stated, np.greater_equal(profile.stage, need.stage)),
        _both(stated, np.equal(profile.stage, need.stage - 1)),
    )


def device_class(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """Full if it makes devices of the need's class, half if only of a higher one."""
    return _graded(
        (need.device_class & profile.classes) != 0,
        _both(np.greater(need.device_class, 0), np.greater(profile.classes, need.device_class)),
    )


def collaboration(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """Full if the need names the organisation's kind as wanted; nothing where the need names none."""
    return _graded(_both(np.greater_equal(need.kinds, 0), (need.kinds & profile.kind) != 0), False)


def region(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """Full for the same region, half for the same country."""
    return _graded(
        _both(np.not_equal(need.region, 0), np.equal(need.region, profile.region)),
        _both(np.not_equal(need.country, 0), np.equal(need.country, profile.country)),
    )


VALUES = {
    "specialty": specialty,
    "achievement_type": achievement_type,
    "stage": stage,
    "device_class": device_class,
    "collaboration": collaboration,
    "region": region,
}
BESIDE_TEXT_AT_MOST = sum(WEIGHTS[code] for code in BESIDE_TEXT)
MOST_STEPS = BESIDE_TEXT_AT_MOST // STEP


def steps_beside_text(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """What the facets other than text add, in steps; at most a fifth of the whole."""
    return sum(VALUES[code](need, profile) * (WEIGHTS[code] // FULL // STEP) for code in BESIDE_TEXT)


def permitted(need: NeedTraits, profile: ProfileTraits) -> Numbers:
    """Active, and of a kind the need wants (any kind where it names none)."""
    return _both(profile.active, (need.kinds & profile.kind) != 0)

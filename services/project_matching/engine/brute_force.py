"""The plain twin of the indexes: every pair, one after the other, in ordinary Python; the oracle of the tests."""

from collections.abc import Iterable

from project_matching.engine import traits
from project_matching.engine.analysis import AnalysedNeed, AnalysedProfile, Weighted
from project_matching.engine.exclusions import exclusion
from project_matching.engine.facets import HALF_AT, TEXT_FLOOR, WEIGHTS
from project_matching.engine.model import Need, Profile, Scored


def word_score(asked: Weighted, told: Weighted) -> int:
    weights = dict(zip(told.terms.tolist(), told.weights.tolist(), strict=True))
    pairs = zip(asked.terms.tolist(), asked.weights.tolist(), strict=True)
    return sum(weight * weights.get(term, 0) for term, weight in pairs)


def _specialty(need: Need, profile: Profile) -> float:
    has = traits.profile_specialties(profile)
    if need.specialty in has:
        return 1
    groups = [group for group in traits.RELATED if need.specialty in group]
    return 0.5 if any(group & has for group in groups) else 0


def _achievement_type(need: Need, profile: Profile) -> float:
    makes = traits.profile_traits(profile).makes
    full, half = traits.FITS.get(need.achievement_type or "", (0, 0))
    if makes & full:
        return 1
    return 0.5 if makes & half else 0


def _stage(need: Need, profile: Profile) -> float:
    reached = [traits.STAGES.index(item.stage) for item in profile.items if item.stage in traits.STAGES]
    if not reached or need.stage not in traits.STAGES:
        return 0
    steps_short = traits.STAGES.index(need.stage) - max(reached)
    if steps_short <= 0:
        return 1
    return 0.5 if steps_short == 1 else 0


def _device_class(need: Need, profile: Profile) -> float:
    classes = {item.device_class for item in profile.items} & set(traits.CLASSES)
    if need.device_class not in traits.CLASSES:
        return 0
    if need.device_class in classes:
        return 1
    return 0.5 if any(len(other) > len(need.device_class) for other in classes) else 0


def _collaboration(need: Need, profile: Profile) -> float:
    return 1 if any(profile.kind in traits.WANTED_KINDS.get(side, ()) for side in need.wanted) else 0


def _region(need: Need, profile: Profile) -> float:
    if not need.region or not profile.region:
        return 0
    if traits.region_of(need.region) == traits.region_of(profile.region):
        return 1 if traits.region_of(need.region) else 0
    country = traits.country_of(need.region)
    return 0.5 if country and country == traits.country_of(profile.region) else 0


def score(need: AnalysedNeed, profile: AnalysedProfile) -> Scored:
    raw = max(word_score(need.zh, profile.zh), word_score(need.en, profile.en))
    text = WEIGHTS["text"] * raw // (raw + HALF_AT)
    facets = {
        "specialty": _specialty,
        "achievement_type": _achievement_type,
        "stage": _stage,
        "device_class": _device_class,
        "collaboration": _collaboration,
        "region": _region,
    }
    beside = sum(round(WEIGHTS[code] * rule(need.need, profile.profile)) for code, rule in facets.items())
    return Scored(need.need.id, profile.profile.organisation_id, text + beside, text)


def suggested(need: AnalysedNeed, profile: AnalysedProfile, text_floor: int = TEXT_FLOOR) -> bool:
    if exclusion(need.need, profile.profile):
        return False
    zh, en = word_score(need.zh, profile.zh), word_score(need.en, profile.en)
    return max(zh, en) >= max(text_floor, 1)


def profiles_for(
    need: AnalysedNeed,
    profiles: Iterable[AnalysedProfile],
    count: int | None = None,
    text_floor: int = TEXT_FLOOR,
) -> list[Scored]:
    """The best profiles for a need, best first; equal scores in the order of the organisations' ids."""
    found = [score(need, profile) for profile in profiles if suggested(need, profile, text_floor)]
    return sorted(found, key=lambda one: (-one.micro, one.organisation_id))[:count]


def needs_for(
    profile: AnalysedProfile,
    needs: Iterable[AnalysedNeed],
    count: int | None = None,
    text_floor: int = TEXT_FLOOR,
) -> list[Scored]:
    """The needs a profile answers, best first; equal scores in the order of the needs' ids."""
    found = [score(need, profile) for need in needs if suggested(need, profile, text_floor)]
    return sorted(found, key=lambda one: (-one.micro, one.need_id))[:count]

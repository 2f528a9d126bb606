"""Whether a need answers a standing subscription: the plain rule, one condition after the other."""

from project_matching.engine.analysis import AnalysedNeed
from project_matching.engine.model import Need, Subscription
from project_matching.engine.subscription_words import word_of
from project_matching.engine.traits import region_of


def untold(need: Need) -> frozenset[str]:
    """Who never hears of a need: its own organisation, those it has blocked, those it names as competitors."""
    return frozenset({need.organisation_id, *need.blocked, *need.competitors})


def _regions(names: tuple[str, ...]) -> set[str]:
    return {region_of(name) for name in names} - {""}


def answers(need: AnalysedNeed, subscription: Subscription) -> bool:
    """All stated conditions hold; a condition that states nothing always holds."""
    asked = need.need
    if subscription.organisation_id in untold(asked):
        return False
    if subscription.specialties and asked.specialty not in subscription.specialties:
        return False
    if subscription.achievement_types and asked.achievement_type not in subscription.achievement_types:
        return False
    if subscription.wanted and not set(subscription.wanted) & set(asked.wanted):
        return False
    regions = _regions(subscription.regions)
    if regions and region_of(asked.region) not in regions:
        return False
    return _says(need, subscription)


def _says(need: AnalysedNeed, subscription: Subscription) -> bool:
    every = [word for text in subscription.words_all if (word := word_of(text))]
    some = [word for text in subscription.words_any if (word := word_of(text))]
    none = [word for text in subscription.words_none if (word := word_of(text))]
    if not all(word.said_in(need.said) for word in every):
        return False
    if some and not any(word.said_in(need.said) for word in some):
        return False
    return not any(word.said_in(need.said) for word in none)


def words_heard(need: AnalysedNeed, subscription: Subscription) -> tuple[str, ...]:
    """The subscriber's own words that the need says: the reason shown with a hit."""
    texts = dict.fromkeys((*subscription.words_all, *subscription.words_any))
    return tuple(text for text in texts if (word := word_of(text)) and word.said_in(need.said))

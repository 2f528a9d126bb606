"""The matching engine: exact, deterministic and explainable scores of needs against profiles, without any I/O."""

from project_matching.engine.analysis import (
    AnalysedNeed,
    AnalysedProfile,
    analyse_need,
    analyse_profile,
    analyse_profiles,
    restated,
)
from project_matching.engine.exclusions import exclusion
from project_matching.engine.explanation import ENGINE_VERSION, explain
from project_matching.engine.facets import TEXT_FLOOR
from project_matching.engine.index import MOST_SUGGESTED, NeedIndex, ProfileIndex
from project_matching.engine.model import (
    BestItem,
    Explanation,
    Facet,
    Item,
    Need,
    Profile,
    Scored,
    Subscription,
    Text,
    WordMatch,
)
from project_matching.engine.pair import may_be_suggested, scored
from project_matching.engine.statistics import shipped_statistics
from project_matching.engine.subscription_rules import answers, words_heard
from project_matching.engine.subscriptions import SubscriptionIndex

__all__ = [
    "ENGINE_VERSION",
    "MOST_SUGGESTED",
    "TEXT_FLOOR",
    "AnalysedNeed",
    "AnalysedProfile",
    "BestItem",
    "Explanation",
    "Facet",
    "Item",
    "Need",
    "NeedIndex",
    "Profile",
    "ProfileIndex",
    "Scored",
    "Subscription",
    "SubscriptionIndex",
    "Text",
    "WordMatch",
    "analyse_need",
    "analyse_profile",
    "analyse_profiles",
    "answers",
    "exclusion",
    "explain",
    "may_be_suggested",
    "restated",
    "scored",
    "shipped_statistics",
    "words_heard",
]

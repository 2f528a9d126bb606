"""Project matching on one screen: its routes, what it reacts to, what it keeps running, what it tells the others."""

from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged
from common.events.project_matching import (
    MatchAnswered,
    MatchSuggested,
    NeedChanged,
    NeedPublished,
    SubscriptionChanged,
    SubscriptionHit,
)
from common.reactions import Copy, on, on_many
from common.service import Service
from project_matching.api import need_steps, needs, subscriptions, suggestions
from project_matching.matcher import Matcher
from project_matching.reactions.copies import copy_profiles, copy_standings
from project_matching.reactions.explaining import Explainer
from project_matching.reactions.matching import Matching
from project_matching.store.posters import Posters


def make_service() -> Service:
    """One worker; a test makes several in one process."""
    matcher = Matcher()
    explainer = Explainer(matcher)
    matching, profiles = Matching(matcher, explainer), Copy("profile")
    return Service(
        name="project_matching",
        title="Project matching · 需求与匹配",
        routers=[needs.router, need_steps.router, suggestions.router, subscriptions.router],
        reactions=[
            on_many(MemberAdmitted, copy_profiles, profiles),
            on_many(MemberAdmitted, matching.match_standings),
            on_many(MemberProfileChanged, copy_profiles, profiles),
            on_many(MemberProfileChanged, matching.match_profiles),
            on_many(MembershipChanged, copy_standings, profiles),
            on_many(MembershipChanged, matching.match_standings),
            on(NeedPublished, matching.match_need),
            on(SubscriptionChanged, matching.match_subscription),
        ],
        parts=[("posters", Posters()), ("matcher", matcher), ("explainer", explainer)],
        publishes=[NeedChanged, NeedPublished, MatchSuggested, MatchAnswered, SubscriptionChanged, SubscriptionHit],
        owns=["need", "suggestion", "subscription", "hit"],
    )


service = make_service()

"""Feeds on one screen: what it reacts to, what it publishes, what it serves."""

from common.events.feeds import FeedItemAdded
from common.events.member_registry import MemberAdmitted
from common.events.project_matching import (
    MatchAnswered,
    MatchSuggested,
    NeedChanged,
    NeedPublished,
    SubscriptionHit,
)
from common.reactions import Copy, on
from common.service import Service
from feeds import api
from feeds.hub import Hub
from feeds.reactions import tell_whom_it_concerns
from feeds.stream import Stream

items = Copy(
    "item",
    decided_here=("number", "item_id", "traceparent", "created_at"),
    # Which suggestions a poster is told of together depends on what arrived together.
    compared="NOT (kind = 'match_suggested' AND subject_type = 'need')",
)


def feeds(hub: Hub) -> Service:
    """The service around its hub; a process has one."""
    return Service(
        name="feeds",
        title="Feeds",
        routers=[api.router],
        streams=[("/api/feeds/v1/stream", Stream(hub))],
        reactions=[
            on(SubscriptionHit, tell_whom_it_concerns, items),
            on(MatchSuggested, tell_whom_it_concerns, items),
            on(MatchAnswered, tell_whom_it_concerns, items),
            on(NeedChanged, tell_whom_it_concerns, items),
            on(NeedPublished, tell_whom_it_concerns, items),
            on(MemberAdmitted, tell_whom_it_concerns, items),
        ],
        parts=[("hub", hub)],
        publishes=[FeedItemAdded],
        owns=["subscriber"],
    )


service = feeds(Hub())

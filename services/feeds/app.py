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
from common.reactions import on
from common.service import Service
from feeds import api
from feeds.hub import Hub
from feeds.reactions import tell_whom_it_concerns
from feeds.stream import Stream


def feeds(hub: Hub) -> Service:
    """The service around its hub; a process has one."""
    return Service(
        name="feeds",
        title="Feeds",
        routers=[api.router],
        streams=[("/api/feeds/v1/stream", Stream(hub))],
        reactions=[
            on(SubscriptionHit, tell_whom_it_concerns),
            on(MatchSuggested, tell_whom_it_concerns),
            on(MatchAnswered, tell_whom_it_concerns),
            on(NeedChanged, tell_whom_it_concerns),
            on(NeedPublished, tell_whom_it_concerns),
            on(MemberAdmitted, tell_whom_it_concerns),
        ],
        parts=[("hub", hub)],
        publishes=[FeedItemAdded],
    )


service = feeds(Hub())

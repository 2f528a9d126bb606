"""What an event becomes for whom: pure rules from facts to the items of those they concern, in both languages.

An item says only what its event carries, and an event carries only what its poster disclosed.
"""

from collections.abc import Sequence

from common.events.base import Event
from common.events.member_registry import MemberAdmitted
from common.events.project_matching import (
    MatchAnswered,
    MatchSuggested,
    NeedChanged,
    NeedPublished,
    SubscriptionHit,
)
from feeds.model.item import Item, ItemKind, Word
from feeds.model.matches import for_other_side, for_posters, for_suggested
from feeds.model.members import for_admitted
from feeds.model.needs import for_owner_of_published, for_owner_of_returned, for_subscriber

__all__ = ["Item", "ItemKind", "Word", "items_for"]


def items_for(events: Sequence[Event]) -> list[Item]:
    """The items of these events in their order; what the poster of a need learns of several suggestions comes last."""
    items = [item for event in events if (item := _item_for(event)) is not None]
    return items + for_posters(event for event in events if isinstance(event, MatchSuggested))


def _item_for(event: Event) -> Item | None:
    match event:
        case SubscriptionHit():
            return for_subscriber(event)
        case MatchSuggested():
            return for_suggested(event)
        case MatchAnswered():
            return for_other_side(event)
        case NeedPublished():
            return for_owner_of_published(event)
        case NeedChanged():
            return for_owner_of_returned(event)
        case MemberAdmitted():
            return for_admitted(event)
        case _:
            return None

"""What feeds tells the others: that a subscriber has a new item."""

from uuid import UUID

from common.events.base import Event


class FeedItemAdded(Event, name="item.added", aggregate="item_id"):
    """An item with this number stands in a subscriber's list; its content is read from feeds."""

    item_id: UUID
    subscriber_id: UUID
    number: int

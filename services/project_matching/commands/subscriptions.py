"""Make, change and end a standing subscription."""

from uuid import UUID

from common.auth import Caller
from common.database import Transaction
from common.errors import Conflict, NotFound, StaleVersion
from common.events.project_matching import SubscriptionFacts
from common.ids import new_id
from common.text import Bilingual
from common.vocabulary import EDITORS, REPRESENTATIVES, Role
from project_matching.model.subscription import Subscription
from project_matching.store.subscriptions import (
    count_of,
    insert_subscription,
    subscription_for_change,
    update_subscription,
)

SUBSCRIBERS = (*REPRESENTATIVES, *EDITORS, Role.service)
_MOST = 200
"""Subscriptions an organisation may have."""


async def subscribe(tx: Transaction, organisation_id: UUID, facts: SubscriptionFacts) -> Subscription:
    """A new subscription; it also hears of the needs that are open already."""
    if await count_of(tx, organisation_id) >= _MOST:
        raise Conflict(
            Bilingual(zh=f"每个单位最多 {_MOST} 个订阅。", en=f"An organisation may have {_MOST} subscriptions."),
            code="too_many_subscriptions",
        )
    subscription = Subscription(new_id(), 1, organisation_id, True, facts, tx.now, tx.now)
    insert_subscription(tx, subscription)
    tx.publish(subscription.event())
    return subscription


async def change_subscription(
    tx: Transaction, subscription_id: UUID, facts: SubscriptionFacts, *, caller: Caller, version: int
) -> Subscription:
    """The filter as a whole; it hears again of nothing it has heard of."""
    before = await _own(tx, subscription_id, caller, version)
    return _changed(tx, before.changed(facts, tx.now))


async def end_subscription(tx: Transaction, subscription_id: UUID, *, caller: Caller, version: int) -> Subscription:
    before = await _own(tx, subscription_id, caller, version)
    return _changed(tx, before.ended(tx.now))


async def _own(tx: Transaction, subscription_id: UUID, caller: Caller, version: int) -> Subscription:
    found = await subscription_for_change(tx, subscription_id)
    if found is None or not caller.may_act_for(found.organisation_id, *SUBSCRIBERS):
        raise NotFound
    if found.version != version:
        raise StaleVersion
    return found


def _changed(tx: Transaction, subscription: Subscription) -> Subscription:
    update_subscription(tx, subscription)
    tx.publish(subscription.event())
    return subscription

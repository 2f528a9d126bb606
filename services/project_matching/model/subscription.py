"""A standing subscription: a filter on needs that an organisation leaves here, changed as a whole, ended once."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from common.events.project_matching import SubscriptionChanged, SubscriptionFacts


@dataclass(frozen=True)
class Subscription:
    """One version of a subscription; one that is not active any more is not shown and hears of nothing."""

    id: UUID
    version: int
    organisation_id: UUID
    active: bool
    facts: SubscriptionFacts
    created_at: datetime
    changed_at: datetime

    def changed(self, facts: SubscriptionFacts, now: datetime) -> "Subscription":
        return replace(self, version=self.version + 1, facts=facts, changed_at=now)

    def ended(self, now: datetime) -> "Subscription":
        return replace(self, version=self.version + 1, active=False, changed_at=now)

    def event(self) -> SubscriptionChanged:
        """The fact of this version."""
        return SubscriptionChanged(
            version=self.version,
            at=self.changed_at,
            subscription_id=self.id,
            organisation_id=self.organisation_id,
            subscription=self.facts,
            active=self.active,
        )

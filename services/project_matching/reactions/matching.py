"""What becomes known is matched: a need against everybody, a profile or a subscription against all open needs.

A new or changed subscription is run against the needs that are open already: the need and the subscription may have
been made at the same moment, and only the later event's worker is sure to see both.
"""

from collections.abc import Sequence

from common import telemetry
from common.database import Transaction
from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged
from common.events.project_matching import NeedPublished, SubscriptionChanged, SubscriptionHit
from common.text import BilingualText
from project_matching.matcher import Matcher
from project_matching.matcher.picture import Passed, Proposal
from project_matching.reactions.explaining import Explainer
from project_matching.store.subscriptions import insert_hits
from project_matching.store.suggestions import insert_suggestions


class Matching:
    """The reactions that ask the matcher."""

    def __init__(self, matcher: Matcher, explainer: Explainer) -> None:
        self._matcher = matcher
        self._explainer = explainer

    async def match_need(self, tx: Transaction, event: NeedPublished) -> None:
        """Whom a published need is proposed to, and whose subscriptions it passes."""
        await self._matcher.catch_up()
        await self._report(tx, await self._matcher.subscriptions_for(event.need_id))
        await self._suggest(tx, await self._matcher.organisations_for(event.need_id))

    async def match_profiles(self, tx: Transaction, events: Sequence[MemberProfileChanged]) -> None:
        """Which open needs organisations may meet that have changed what they say of themselves."""
        await self._matcher.catch_up()
        organisations = dict.fromkeys(event.organisation_id for event in events)
        await self._suggest(tx, await self._matcher.needs_for(*organisations))

    async def match_standings(self, tx: Transaction, events: Sequence[MemberAdmitted | MembershipChanged]) -> None:
        """Organisations that may act from now on: their profiles, and the needs and subscriptions they left here."""
        await self._matcher.catch_up()
        organisations = dict.fromkeys(event.organisation_id for event in events)
        needs, subscriptions = await self._matcher.posted_by(*organisations)
        await self._report(tx, await self._matcher.needs_under(*subscriptions))
        await self._report(tx, await self._matcher.subscriptions_for(*needs))
        await self._suggest(tx, await self._matcher.needs_for(*organisations))
        await self._suggest(tx, await self._matcher.organisations_for(*needs))

    async def match_subscription(self, tx: Transaction, event: SubscriptionChanged) -> None:
        """Which open needs pass a subscription that is new or was changed."""
        if event.active:
            await self._matcher.catch_up()
            await self._report(tx, await self._matcher.needs_under(event.subscription_id))

    async def _suggest(self, tx: Transaction, found: Sequence[Proposal]) -> None:
        if await insert_suggestions(tx, found, trace=telemetry.outgoing_context()):
            tx.after_commit(self._explainer.wake)

    async def _report(self, tx: Transaction, found: Sequence[Passed]) -> None:
        inserted = await insert_hits(tx, [(one.subscription_id, one.need_id) for one in found])
        for one in found:
            hit_id = inserted.get((one.subscription_id, one.need_id))
            if hit_id is not None:
                tx.publish(
                    SubscriptionHit(
                        version=1,
                        at=tx.now,
                        hit_id=hit_id,
                        subscription_id=one.subscription_id,
                        subscription_name=one.facts.name,
                        organisation_id=one.organisation_id,
                        need_id=one.need_id,
                        need_organisation_id=one.need.organisation_id,
                        need_organisation_name=one.need.organisation_name,
                        need_title=one.need.title,
                        need_summary=BilingualText(zh=one.need.problem.zh, en=one.need.problem.en),
                        need_record=one.need.record,
                        specialty=one.need.specialty,
                        achievement_type=one.need.achievement_type,
                        words=one.words,
                    )
                )

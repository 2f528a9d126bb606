"""Keeps the copy of the organisations' profiles up to date."""

from collections.abc import Sequence

from common.database import Transaction
from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged
from project_matching.store.profiles import KnownProfile, change_standings, keep_profiles


async def copy_profiles(tx: Transaction, events: Sequence[MemberAdmitted | MemberProfileChanged]) -> None:
    """The last of each organisation's facts in this batch."""
    latest = {event.organisation_id: event for event in events}.values()
    await keep_profiles(tx, [KnownProfile(e.organisation_id, e.version, e.organisation) for e in latest])


async def copy_standings(tx: Transaction, events: Sequence[MembershipChanged]) -> None:
    """Who may be matched: suspended and former members no longer, resumed ones again."""
    latest = {event.organisation_id: event for event in events}.values()
    await change_standings(tx, [(e.organisation_id, e.version, e.kind, e.state) for e in latest])

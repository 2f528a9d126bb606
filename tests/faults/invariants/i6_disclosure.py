"""I6: no match and no text reached a party who may not have it, by the policy that held when it was told."""

from collections import defaultdict
from uuid import UUID

from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged
from common.events.project_matching import MatchSuggested, NeedPublished, SubscriptionHit
from common.vocabulary import Disclosure
from project_matching.engine.traits import WANTED_KINDS
from tests.faults.invariants.evidence import Evidence
from tests.faults.invariants.finding import Finding


def nothing_disclosed(evidence: Evidence) -> Finding:
    found = Finding("I6", "no match or text reached a party who may not have it")
    needs = {event.need_id: event.need for event in evidence.events_of(NeedPublished)}
    kinds = _kinds(evidence)
    suggested, hits = evidence.events_of(MatchSuggested), evidence.events_of(SubscriptionHit)
    found.counts |= {"suggestions": len(suggested), "hits": len(hits)}
    for match in suggested:
        need = needs.get(match.need_id)
        found.expect(need, f"a suggestion for need {match.need_id}, which was never published")
        if need is None:
            continue
        own = match.organisation_id == need.organisation_id
        blocked = match.organisation_id in need.blocked_organisations
        wanted = {kind for side in need.wanted for kind in WANTED_KINDS.get(side.value, ())}
        fits = not need.wanted or bool(kinds[match.organisation_id] & wanted)
        found.expect(fits and not own and not blocked, f"suggestion {match.suggestion_id} is forbidden by its need")
    for hit in hits:
        need = needs.get(hit.need_id)
        found.expect(need, f"a hit of need {hit.need_id}, which was never published")
        if need is not None:
            silent = need.disclosure is not Disclosure.title or hit.need_summary.empty
            found.expect(silent, f"hit {hit.hit_id} tells more than the title of its need")
    _feeds(evidence, found)
    return found


def _feeds(evidence: Evidence, found: Finding) -> None:
    """Each item stands in the list of a party of its event."""
    parties: dict[UUID, set[UUID]] = defaultdict(set)
    for match in evidence.events_of(MatchSuggested):
        parties[match.suggestion_id] |= {match.organisation_id, match.need_organisation_id}
    for hit in evidence.events_of(SubscriptionHit):
        parties[hit.hit_id] = {hit.organisation_id}
    for row in evidence.tables["item"]:
        if row["source_id"] in parties:
            found.expect(row["subscriber_id"] in parties[row["source_id"]], f"item {row['item_id']} is in a wrong list")


def _kinds(evidence: Evidence) -> dict[UUID, set[str]]:
    """What each organisation has ever been."""
    kinds: dict[UUID, set[str]] = defaultdict(set)
    for event_class in (MemberAdmitted, MemberProfileChanged):
        for event in evidence.events_of(event_class):
            kinds[event.organisation_id].add(event.organisation.kind.value)
    for event in evidence.events_of(MembershipChanged):
        kinds[event.organisation_id].add(event.kind.value)
    return kinds

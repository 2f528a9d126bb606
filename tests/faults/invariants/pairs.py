"""The match index: from the database and from the topics it gives the same answers, and none was missed."""

from uuid import UUID

from common.database import Database
from project_matching.matcher.picture import Passed, Picture
from project_matching.store.needs import open_needs
from project_matching.store.profiles import profiles_in_pages
from project_matching.store.subscriptions import active_subscriptions
from tests.faults.invariants.evidence import Evidence, some
from tests.faults.invariants.finding import Finding


async def index_alike(evidence: Evidence, found: Finding) -> None:
    """Asks both pictures about every open need."""
    from_database, open_ids = await _from_database(evidence.places.database)
    from_topics = Picture()
    events = [r.event for r in evidence.first_records if r.event and r.topic in ("member_registry", "project_matching")]
    from_topics.apply(events)
    pairs: set[tuple[object, object]] = set()
    passed: set[tuple[object, object]] = set()
    for need_id in open_ids:
        one, other = from_database.organisations_for(need_id), from_topics.organisations_for(need_id)
        found.expect(one == other, f"the index from the topics answers differently about need {need_id}")
        hits, again = from_database.subscriptions_for(need_id), from_topics.subscriptions_for(need_id)
        found.expect(_keys(hits) == _keys(again), f"subscriptions passed by need {need_id} differ")
        pairs |= {(proposal.need_id, proposal.organisation_id) for proposal in one}
        passed |= _keys(hits)
    _nothing_missed(evidence, pairs, passed, found)


def _nothing_missed(
    evidence: Evidence, pairs: set[tuple[object, object]], passed: set[tuple[object, object]], found: Finding
) -> None:
    told = {(row["need_id"], row["organisation_id"]) for row in evidence.tables["suggestion"] if row["told"]}
    hits = {(row["subscription_id"], row["need_id"]) for row in evidence.tables["hit"]}
    found.counts |= {"pairs due": len(pairs), "hits due": len(passed)}
    found.expect(pairs <= told, f"{len(pairs - told)} pairs (need, organisation) missed: {some(pairs - told)}")
    found.expect(passed <= hits, f"{len(passed - hits)} hits (subscription, need) missed: {some(passed - hits)}")


def _keys(passed: list[Passed]) -> set[tuple[object, object]]:
    return {(one.subscription_id, one.need_id) for one in passed}


async def _from_database(url: str) -> tuple[Picture, list[UUID]]:
    """As a worker loads it at its start."""
    database = await Database.connect(url, schema="project_matching", name="judge", size=2)
    picture = Picture()
    try:
        needs = await open_needs(database)
        async for page in profiles_in_pages(database):
            picture.load(organisations=page)
        picture.load(needs=needs, subscriptions=await active_subscriptions(database))
    finally:
        await database.close()
    return picture, [need.id for need in needs]

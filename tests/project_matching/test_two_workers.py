"""No pair is missed: two real workers over real Kafka and PostgreSQL equal brute force, whatever comes when."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from common.database import Database
from common.events.member_registry import OrganisationFacts
from common.events.project_matching import NeedFacts, NeedPublished, SubscriptionChanged
from common.testing import People
from project_matching import engine
from project_matching.engine import brute_force
from project_matching.matcher.records import need_record, profile_record, subscription_record
from tests.conftest import Servers
from tests.project_matching.two_workers import NEEDS, SUBSCRIPTIONS, World, everything_at_once, two_workers

Pairs = set[tuple[UUID, UUID]]


def suggested_by_brute_force(needs: dict[UUID, NeedFacts], profiles: dict[UUID, OrganisationFacts]) -> Pairs:
    asking = {key: engine.analyse_need(need_record(key, facts)) for key, facts in needs.items()}
    telling = {key: engine.analyse_profile(profile_record(key, facts)) for key, facts in profiles.items()}
    return {
        (need_id, organisation_id)
        for need_id, need in asking.items()
        for organisation_id, profile in telling.items()
        if brute_force.suggested(need, profile)
    }


def hits_by_brute_force(needs: dict[UUID, NeedFacts], subscriptions: Sequence[SubscriptionChanged]) -> Pairs:
    asking = {key: engine.analyse_need(need_record(key, facts)) for key, facts in needs.items()}
    return {
        (one.subscription_id, need_id)
        for one in subscriptions
        for need_id, need in asking.items()
        if engine.answers(need, subscription_record(one.subscription_id, one.organisation_id, one.subscription))
    }


@pytest.mark.timeout(400)
async def test_two_workers_together_miss_no_pair_and_invent_none(
    servers: Servers, database: Database, people: People, producer: Any
) -> None:
    async with two_workers(servers, database, people, producer) as world:
        await everything_at_once(world)
        await world.settled()
        assert min([await one.matched() for one in world.workers]) > 10, "both workers had their share"
    mine = {e.need_id: e.need for e in await world.published(NeedPublished) if e.need.organisation_id in world.profiles}
    assert len(mine) == NEEDS
    rows = await database.fetch("SELECT need_id, organisation_id FROM suggestion WHERE need_id = ANY($1)", list(mine))
    made = {(r["need_id"], r["organisation_id"]) for r in rows if r["organisation_id"] in world.profiles}
    check_suggestions(world, mine, made)
    await check_hits(world, mine)


def check_suggestions(world: World, needs: dict[UUID, NeedFacts], made: Pairs) -> None:
    still_open = {key: facts for key, facts in needs.items() if key not in world.withdrawn}
    settled = {key: versions[0] for key, versions in world.profiles.items() if len(versions) == 1}
    last = {key: versions[-1] for key, versions in world.profiles.items()}
    expected = suggested_by_brute_force(still_open, settled)
    assert len(expected) > 100
    assert {pair for pair in made if pair[0] in still_open and pair[1] in settled} == expected
    assert made >= suggested_by_brute_force(still_open, last), "the last version of a profile counts"
    ever = suggested_by_brute_force(needs, {key: versions[0] for key, versions in world.profiles.items()})
    assert made <= ever | suggested_by_brute_force(needs, last), "nothing that no version would give"
    for need_id, organisation_id in made:
        need, profile = needs[need_id], world.profiles[organisation_id][0]
        assert need.organisation_id != organisation_id
        assert organisation_id not in need.blocked_organisations
        kinds = {version.kind.value for version in world.profiles[organisation_id]} | {profile.kind.value}
        assert kinds & {side.value for side in need.wanted}


async def check_hits(world: World, needs: dict[UUID, NeedFacts]) -> None:
    subscriptions = [e for e in await world.published(SubscriptionChanged) if e.organisation_id in world.profiles]
    assert len(subscriptions) == SUBSCRIPTIONS
    ours = [one.subscription_id for one in subscriptions]
    rows = await world.database.fetch(
        "SELECT subscription_id, need_id FROM hit WHERE need_id = ANY($1) AND subscription_id = ANY($2)",
        list(needs),
        ours,
    )
    made = {(row["subscription_id"], row["need_id"]) for row in rows}
    assert len(made) == len(rows), "each hit once"
    expected = hits_by_brute_force(needs, subscriptions)
    assert len(expected) > 100
    still_open = {pair for pair in expected if pair[1] not in world.withdrawn}
    assert {pair for pair in made if pair[1] not in world.withdrawn} == still_open
    assert made <= expected

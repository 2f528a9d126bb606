"""Commands and reactions in transactions that are rolled back: what they write, what they publish, what they refuse."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest

from common.auth import Caller
from common.auth.caller import Acting
from common.clock import utc_now
from common.database import Database, Transaction
from common.errors import NotFound
from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged, OrganisationFacts
from common.events.project_matching import SubscriptionFacts
from common.ids import new_id
from common.testing import events_in, rolled_back
from common.text import Bilingual, BilingualText
from common.vocabulary import (
    AchievementType,
    MemberKind,
    MemberState,
    RecordKind,
    Role,
    Specialty,
    WantedSide,
)
from project_matching import engine
from project_matching.commands.needs import draft_need, publish_need, submit_need, withdraw_need
from project_matching.commands.subscriptions import subscribe
from project_matching.matcher import Matcher
from project_matching.model.content import NeedContent
from project_matching.model.need import Need, Organisation
from project_matching.reactions.copies import copy_profiles, copy_standings
from project_matching.reactions.explaining import explain
from project_matching.store.profiles import organisation, profiles_with_ids
from project_matching.store.subscriptions import insert_hits
from project_matching.store.suggestions import insert_suggestions, take_unexplained
from tests.project_matching.conftest import COILS

TRACE: Mapping[str, str] = {"traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}
CONTENT = NeedContent(
    title=Bilingual(en="Recurrence at the neck of aneurysms"),
    problem=BilingualText(en="keep blood flow out of the aneurysm neck"),
    population=BilingualText(en="patients with wide-neck aneurysms"),
    outcome=BilingualText(en="reduce retreatment"),
    workflow_step=BilingualText(zh="动脉瘤栓塞术"),
    specialty=Specialty.aneurysm,
    achievement_type=AchievementType.consumable,
    wanted=(WantedSide.enterprise,),
)
SECRETARIAT = Caller(new_id(), secretariat=True)


def admission(kind: MemberKind = MemberKind.hospital, **more: object) -> MemberAdmitted:
    facts = OrganisationFacts.model_validate(
        {"name": {"en": "An organisation"}, "kind": kind, "record": "member", "state": "active", **more}
    )
    return MemberAdmitted(version=1, at=utc_now(), organisation_id=new_id(), organisation=facts)


async def admitted(tx: Transaction, kind: MemberKind = MemberKind.hospital, **more: object) -> Organisation:
    event = admission(kind, **more)
    await copy_profiles(tx, [event])
    found = await organisation(tx, event.organisation_id)
    assert found is not None
    return found


async def published(tx: Transaction, poster: Organisation | None = None) -> Need:
    hospital = poster or await admitted(tx)
    author = Caller(new_id(), organisations=(Acting(hospital.id, hospital.kind, Role.clinician),))
    need = await draft_need(tx, CONTENT, organisation=hospital, by_secretariat=False)
    await submit_need(tx, need.id, caller=author, version=1)
    return await publish_need(tx, need.id, caller=SECRETARIAT, version=2)


async def test_the_copy_of_a_profile_never_goes_back_to_an_older_version(database: Database) -> None:
    async with rolled_back(database) as tx:
        first = admission(MemberKind.enterprise)
        newer = MemberProfileChanged(
            version=3,
            at=utc_now(),
            organisation_id=first.organisation_id,
            organisation=first.organisation.model_copy(update={"name": Bilingual(en="A newer name")}),
        )
        await copy_profiles(tx, [first, newer])
        await copy_profiles(tx, [first])
        found = await organisation(tx, first.organisation_id)
        assert found is not None
        assert found.name.en == "A newer name"


async def test_a_suspension_changes_both_the_columns_and_the_facts(database: Database) -> None:
    async with rolled_back(database) as tx:
        event = admission()
        await copy_profiles(tx, [event])
        change = MembershipChanged(
            version=2,
            at=utc_now(),
            organisation_id=event.organisation_id,
            kind=MemberKind.hospital,
            state=MemberState.suspended,
        )
        await copy_standings(tx, [change])
        (known,) = await profiles_with_ids(tx, [event.organisation_id])
        found = await organisation(tx, event.organisation_id)
        assert found is not None
        assert (known.version, known.facts.state, found.state) == (2, MemberState.suspended, MemberState.suspended)


async def test_posting_takes_one_statement_for_the_need_and_its_event(database: Database) -> None:
    async with rolled_back(database) as tx:
        hospital = await admitted(tx)
        need = await draft_need(tx, CONTENT, organisation=hospital, by_secretariat=False)
        assert tx.publishes
        assert await tx.fetch_value("SELECT version FROM need WHERE id = $1", need.id) == 1


async def test_a_pair_is_suggested_once_however_often_it_is_found(database: Database) -> None:
    async with rolled_back(database) as tx:
        need, firm = await published(tx), await admitted(tx, MemberKind.enterprise)
        pair = (need.id, firm.id, 1, 400_000)
        assert await insert_suggestions(tx, [pair, pair], trace=TRACE) == 1
        assert await insert_suggestions(tx, [pair], trace=TRACE) == 0


async def test_a_need_that_was_withdrawn_meanwhile_gets_no_suggestion_and_no_hit(database: Database) -> None:
    async with rolled_back(database) as tx:
        need, firm = await published(tx), await admitted(tx, MemberKind.enterprise)
        standing = await subscribe(tx, firm.id, SubscriptionFacts(name=Bilingual(en="All")))
        await withdraw_need(tx, need.id, None, caller=SECRETARIAT, version=None)
        assert await insert_suggestions(tx, [(need.id, firm.id, 1, 1)], trace=TRACE) == 0
        assert await insert_hits(tx, [(standing.id, need.id)]) == {}


async def test_a_hit_is_told_once(database: Database) -> None:
    async with rolled_back(database) as tx:
        need, firm = await published(tx), await admitted(tx, MemberKind.enterprise)
        standing = await subscribe(tx, firm.id, SubscriptionFacts(name=Bilingual(en="All")))
        assert set(await insert_hits(tx, [(standing.id, need.id)])) == {(standing.id, need.id)}
        assert await insert_hits(tx, [(standing.id, need.id)]) == {}


async def test_an_account_says_what_the_engine_says_and_is_told_in_its_own_trace(database: Database) -> None:
    async with rolled_back(database) as tx:
        need, firm = await published(tx), await admitted(tx, MemberKind.enterprise, items=[COILS])
        await insert_suggestions(tx, [(need.id, firm.id, 1, 1)], trace=TRACE)
        waiting = [one for one in await take_unexplained(tx, 1000) if one.need_id == need.id]
        assert [one.organisation_id for one in waiting] == [firm.id]
        await explain(tx, Matcher(), waiting)
        row = await tx.fetch_row("SELECT * FROM suggestion WHERE need_id = $1", need.id)
        assert row is not None
        points = sum(facet["points"] for facet in row["explanation"]["facets"])
        assert row["score_millionths"] == pytest.approx(points * 1_000_000, abs=10)
        (told,) = [kept for kept in events_in(tx) if kept.aggregate_id == row["id"]]
        assert told.headers["traceparent"].split("-")[1] == TRACE["traceparent"].split("-")[1]


async def test_what_is_no_longer_to_be_suggested_is_dropped_untold(database: Database) -> None:
    async with rolled_back(database) as tx:
        need, firm = await published(tx), await admitted(tx, MemberKind.enterprise, items=[COILS])
        await insert_suggestions(tx, [(need.id, firm.id, 2, 1)], trace=TRACE)
        assert need.id not in [one.need_id for one in await take_unexplained(tx, 1000)], "the copy is older"
        state = MemberState.suspended
        change = MembershipChanged(version=2, at=utc_now(), organisation_id=firm.id, kind=firm.kind, state=state)
        await copy_standings(tx, [change])
        before = len(events_in(tx))
        await explain(tx, Matcher(), [one for one in await take_unexplained(tx, 1000) if one.need_id == need.id])
        assert not await tx.fetch("SELECT FROM suggestion WHERE need_id = $1", need.id)
        assert len(events_in(tx)) == before


async def test_a_pair_that_cannot_be_borne_does_not_keep_the_others_from_their_account(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse = engine.analyse_profile

    def refusing(profile: engine.Profile) -> engine.AnalysedProfile:
        if profile.organisation_id == str(bad.id):
            raise ValueError("unbearable")
        return analyse(profile)

    monkeypatch.setattr(engine, "analyse_profile", refusing)
    async with rolled_back(database) as tx:
        need = await published(tx)
        bad, good = [await admitted(tx, MemberKind.enterprise, items=[COILS]) for _ in range(2)]
        await insert_suggestions(tx, [(need.id, bad.id, 1, 2), (need.id, good.id, 1, 1)], trace=TRACE)
        await explain(tx, Matcher(), [one for one in await take_unexplained(tx, 1000) if one.need_id == need.id])
        rows = await tx.fetch("SELECT organisation_id, explanation FROM suggestion WHERE need_id = $1", need.id)
        assert [row["organisation_id"] for row in rows if row["explanation"]] == [good.id]
        assert len(rows) == 1


async def test_workers_share_what_waits_for_its_account(database: Database) -> None:
    need_id, firm_id = await _committed_pair(database)
    try:
        async with rolled_back(database) as one, rolled_back(database) as other:
            first = await take_unexplained(one, 1000)
            second = await asyncio.wait_for(take_unexplained(other, 1000), 5)
            assert (need_id, firm_id) in [(u.need_id, u.organisation_id) for u in first]
            assert (need_id, firm_id) not in [(u.need_id, u.organisation_id) for u in second]
    finally:
        await database.execute("DELETE FROM suggestion WHERE need_id = $1", need_id)
        await database.execute("DELETE FROM need WHERE id = $1", need_id)


async def _committed_pair(database: Database) -> tuple[UUID, UUID]:
    async with database.transaction(actor="test") as tx:
        need, firm = await published(tx), await admitted(tx, MemberKind.enterprise, items=[COILS])
        await insert_suggestions(tx, [(need.id, firm.id, 1, 1)], trace=TRACE)
        events_in(tx).clear()
    return need.id, firm.id


async def test_the_secretariat_handles_drafts_it_posted_itself_and_no_others(database: Database) -> None:
    async with rolled_back(database) as tx:
        hospital = await admitted(tx)
        source = await admitted(tx, MemberKind.partner, record=RecordKind.demo)
        own = await draft_need(tx, _demo(), organisation=source, by_secretariat=True)
        assert (await submit_need(tx, own.id, caller=SECRETARIAT, version=None)).version == 2
        foreign = await draft_need(tx, CONTENT, organisation=hospital, by_secretariat=False)
        with pytest.raises(NotFound):
            await submit_need(tx, foreign.id, caller=SECRETARIAT, version=None)


def _demo() -> NeedContent:
    return replace(CONTENT, record=RecordKind.demo)

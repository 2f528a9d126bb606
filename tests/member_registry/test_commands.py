"""Organisations and people, in transactions that are rolled back: the change and the fact it publishes."""

from dataclasses import replace

import pytest

from common.auth.seal import Seal
from common.database import Transaction
from common.errors import Conflict, InvalidInput, NotFound, StaleVersion
from common.testing import events_in, published_by
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberState, Office, RecordKind, Specialty
from member_registry.commands import accounts, applications, organisations, people
from member_registry.model.organisation import Profile
from member_registry.store import people as people_store
from member_registry.store.applicants import applicants
from member_registry.store.organisations import organisation
from tests.member_registry.conftest import registration, somebody

SEAL = Seal("a secret of the tests", of="member_registry")
REASON = Bilingual(zh="理由", en="a reason")


async def test_an_organisation_the_secretariat_registers_is_active_at_once(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration(record=RecordKind.demo))
    found = await organisation(tx, made.id)
    assert (found.state, found.version, found.admitted_at) == (MemberState.active, 1, tx.now)
    assert found == made
    assert published_by(tx) == [("organisation.admitted", 1)]


async def test_a_profile_is_kept_and_told_whole(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration())
    profile = Profile(
        summary=BilingualText(en="New"), specialties=(Specialty.icas,), capabilities=(Bilingual(zh="一"),)
    )
    changed = await organisations.change_profile(tx, made.id, profile, version=1)
    found = await organisation(tx, made.id)
    assert (found.profile, found.version) == (profile, 2)
    assert found == changed
    assert published_by(tx)[1:] == [("organisation.profile_changed", 2)]


async def test_a_profile_is_not_changed_by_somebody_who_read_an_older_version(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration())
    with pytest.raises(StaleVersion):
        await organisations.change_profile(tx, made.id, Profile(), version=2)
    assert published_by(tx) == [("organisation.admitted", 1)]


async def test_a_suspension_is_a_fact_with_its_reason_kept_here(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration())
    await organisations.change_membership(tx, made.id, MemberState.suspended, REASON)
    found = await organisation(tx, made.id)
    assert (found.state, found.reason) == (MemberState.suspended, REASON)
    assert published_by(tx)[1:] == [("organisation.membership_changed", 2)]
    assert "reason" not in events_in(tx)[1].payload


async def test_an_approved_applicant_becomes_the_representative_of_a_member(tx: Transaction) -> None:
    person = somebody()
    applied = await applications.apply(tx, registration(), person)
    assert await people_store.account_by_email(tx, person.email) is None
    admitted = await applications.approve(tx, applied.id)
    account = await people_store.account_by_email(tx, person.email)
    assert account is not None
    assert account.password_hash == person.password_hash
    (standing,) = await people_store.standings(tx, account.id, tx.now)
    assert (standing.organisation_id, standing.office) == (applied.id, Office.representative)
    assert admitted.state is MemberState.active
    assert await applicants(tx, [applied.id]) == {}
    assert published_by(tx) == [
        ("organisation.applied", 1),
        ("organisation.admitted", 2),
        ("account.changed", 1),
        ("affiliation.changed", 1),
    ]


async def test_an_application_cannot_take_over_the_account_of_the_address_it_names(tx: Transaction) -> None:
    known, _ = await accounts.open_account(tx, somebody("the hash they chose"))
    thief = replace(somebody("the hash of a thief"), email=known.email, name=Bilingual(zh="他人"))
    applied = await applications.apply(tx, registration(), thief)
    await applications.approve(tx, applied.id)
    found = await people_store.account_by_email(tx, known.email)
    assert found == known


async def test_a_returned_application_keeps_the_reason_and_forgets_the_person(tx: Transaction) -> None:
    applied = await applications.apply(tx, registration(), somebody())
    returned = await applications.return_application(tx, applied.id, REASON)
    assert (returned.state, returned.reason, returned.version) == (MemberState.returned, REASON, 2)
    assert await applicants(tx, [applied.id]) == {}
    assert published_by(tx) == [("organisation.applied", 1), ("organisation.returned", 2)]
    with pytest.raises(Conflict):
        await applications.approve(tx, applied.id)


async def test_an_application_is_decided_once(tx: Transaction) -> None:
    applied = await applications.apply(tx, registration(), somebody())
    await applications.approve(tx, applied.id)
    for decide in (applications.approve(tx, applied.id), applications.return_application(tx, applied.id, REASON)):
        with pytest.raises(Conflict):
            await decide


async def test_events_about_people_hold_no_personal_data(tx: Transaction) -> None:
    person = replace(somebody(), name=Bilingual(en="Unmistakable Name"), orcid="0000-0002-1825-0097")
    applied = await applications.apply(tx, registration(), person)
    await applications.approve(tx, applied.id)
    told = " ".join(row.payload for row in events_in(tx))
    assert len(events_in(tx)) == 4
    for secret in (person.email, "Unmistakable", "0000-0002-1825-0097", "not a hash"):
        assert secret not in told


async def test_an_office_begins_and_ends_with_its_dates(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration())
    appointed = await people.appoint(tx, made.id, somebody(), Office.editor)
    affiliation = appointed.person.affiliation
    ended = await people.end_office(tx, made.id, affiliation.id, by_secretariat=False)
    assert (ended.valid_from, ended.valid_until, ended.version) == (tx.now, tx.now, 2)
    assert await people_store.standings(tx, affiliation.account_id, tx.now) == []
    assert published_by(tx)[1:] == [("account.changed", 1), ("affiliation.changed", 1), ("affiliation.changed", 2)]
    with pytest.raises(Conflict):
        await people.end_office(tx, made.id, affiliation.id, by_secretariat=False)


async def test_the_last_representative_leaves_only_with_a_successor(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration())
    first = (await people.appoint(tx, made.id, somebody(), Office.representative)).person.affiliation
    with pytest.raises(Conflict) as refusal:
        await people.end_office(tx, made.id, first.id, by_secretariat=False)
    assert refusal.value.code == "last_representative"
    await people.appoint(tx, made.id, somebody(), Office.representative)
    assert (await people.end_office(tx, made.id, first.id, by_secretariat=False)).valid_until == tx.now


async def test_an_office_of_another_organisation_is_not_there(tx: Transaction) -> None:
    mine = await organisations.register_organisation(tx, registration())
    other = await organisations.register_organisation(tx, registration())
    affiliation = (await people.appoint(tx, other.id, somebody(), Office.editor)).person.affiliation
    with pytest.raises(NotFound):
        await people.end_office(tx, mine.id, affiliation.id, by_secretariat=True)


async def test_an_invitation_is_good_once_and_for_its_account_only(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration())
    appointed = await people.appoint(tx, made.id, somebody(None), Office.editor)
    assert appointed.invitation is not None
    account = await accounts.choose_password(tx, appointed.invitation.code, "a new hash")
    assert (account.id, account.password_hash) == (appointed.person.affiliation.account_id, "a new hash")
    with pytest.raises(InvalidInput):
        await accounts.choose_password(tx, appointed.invitation.code, "another hash")


async def test_a_pending_invitation_of_one_organisation_is_not_handed_to_another(tx: Transaction) -> None:
    mine = await organisations.register_organisation(tx, registration())
    other = await organisations.register_organisation(tx, registration())
    person = somebody(None)
    invited = await people.appoint(tx, mine.id, person, Office.representative)
    again = await people.appoint(tx, other.id, person, Office.editor)
    assert invited.invitation is not None
    assert again.invitation is None
    with pytest.raises(Conflict):
        await people.invite_again(tx, other.id, again.person.affiliation.id, by_secretariat=False)
    code = (await people.invite_again(tx, other.id, again.person.affiliation.id, by_secretariat=True)).code
    assert code != invited.invitation.code


async def test_a_closed_account_is_worth_nothing_and_says_so(tx: Transaction) -> None:
    account, _ = await accounts.open_account(tx, somebody())
    closed = await accounts.close_account(tx, account.id)
    assert (closed.open, closed.version) == (False, 2)
    assert published_by(tx) == [("account.changed", 1), ("account.changed", 2)]
    with pytest.raises(Conflict):
        await accounts.change_password(tx, account.id, "a new hash")

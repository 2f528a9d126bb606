"""Applications: handed in by anybody, approved or returned by the secretariat (MR2)."""

from dataclasses import replace
from uuid import UUID

from common.database import Transaction
from common.errors import Conflict
from common.events.member_registry import ApplicationReturned, MemberApplied
from common.ids import new_id
from common.text import Bilingual
from common.vocabulary import MemberState, Office
from member_registry.commands.accounts import open_account
from member_registry.commands.organisations import admission
from member_registry.commands.people import affiliate
from member_registry.model.application import Registration
from member_registry.model.membership import moved
from member_registry.model.organisation import Organisation
from member_registry.model.people import NewPerson
from member_registry.store import applicants
from member_registry.store import organisations as store


async def apply(tx: Transaction, registration: Registration, representative: NewPerson) -> Organisation:
    """An organisation waits for the secretariat; nobody gets an account before it has decided."""
    organisation = registration.organisation(new_id(), tx.now).fit()
    store.insert_organisation(tx, organisation)
    await applicants.insert_applicant(tx, organisation.id, representative)
    tx.publish(
        MemberApplied(
            version=1,
            at=tx.now,
            organisation_id=organisation.id,
            name=organisation.name,
            kind=organisation.kind,
        )
    )
    return organisation


async def approve(tx: Transaction, organisation_id: UUID) -> Organisation:
    """The organisation is a member, and the applicant its representative.

    If the applicant's address has an account, that account gets the office and keeps its password: whoever applied
    has not shown that the address is theirs.
    """
    organisation = await _waiting(tx, organisation_id)
    state = moved(organisation.state, MemberState.active)
    admitted = replace(organisation.changed(tx.now), state=state, admitted_at=tx.now)
    store.update_organisation(tx, admitted)
    tx.publish(admission(admitted))
    applicant = (await applicants.applicants(tx, [organisation_id]))[organisation_id]
    account, _ = await open_account(tx, applicant)
    affiliate(tx, account.id, organisation_id, Office.representative)
    await applicants.forget_applicant(tx, organisation_id)
    return admitted


async def return_application(tx: Transaction, organisation_id: UUID, reason: Bilingual) -> Organisation:
    """Not as it is; the reason is kept for the applicant, the applicant's password is not."""
    organisation = await _waiting(tx, organisation_id)
    state = moved(organisation.state, MemberState.returned)
    returned = replace(organisation.changed(tx.now), state=state, reason=reason)
    store.update_organisation(tx, returned)
    tx.publish(ApplicationReturned(version=returned.version, at=tx.now, organisation_id=organisation_id))
    await applicants.forget_applicant(tx, organisation_id)
    return returned


async def _waiting(tx: Transaction, organisation_id: UUID) -> Organisation:
    organisation = await store.locked_organisation(tx, organisation_id)
    if organisation.admitted_at is not None:
        raise Conflict(
            Bilingual(zh="该单位已经加入。", en="This organisation has been admitted already."), code="already_admitted"
        )
    return organisation

"""Organisations: registered by the secretariat, described by themselves, suspended and resumed."""

from dataclasses import replace
from uuid import UUID

from common.database import Transaction
from common.errors import Conflict, NotFound, StaleVersion
from common.events.member_registry import MemberAdmitted, MemberProfileChanged, MembershipChanged
from common.ids import new_id
from common.text import Bilingual
from common.vocabulary import MemberState
from member_registry.model.application import Registration
from member_registry.model.membership import moved
from member_registry.model.organisation import Organisation, Profile
from member_registry.store import organisations as store


async def register_organisation(tx: Transaction, registration: Registration) -> Organisation:
    """In the registry at once: a member the secretariat knows, a public record, or a fictional one for the demo."""
    organisation = replace(
        registration.organisation(new_id(), tx.now), state=MemberState.active, admitted_at=tx.now
    ).fit()
    store.insert_organisation(tx, organisation)
    tx.publish(admission(organisation))
    return organisation


async def change_profile(tx: Transaction, organisation_id: UUID, profile: Profile, *, version: int) -> Organisation:
    """What an organisation says of itself; StaleVersion unless it is still in the version that was read."""
    organisation = await store.locked_organisation(tx, organisation_id)
    if organisation.admitted_at is None:
        raise NotFound
    if organisation.version != version:
        raise StaleVersion
    changed = organisation.with_profile(profile, tx.now)
    store.update_organisation(tx, changed)
    tx.publish(
        MemberProfileChanged(
            version=changed.version, at=tx.now, organisation_id=changed.id, organisation=changed.facts()
        )
    )
    return changed


async def change_membership(tx: Transaction, organisation_id: UUID, to: MemberState, reason: Bilingual) -> Organisation:
    """The next state of a membership; a suspension closes access everywhere with this fact."""
    organisation = await store.locked_organisation(tx, organisation_id)
    if organisation.admitted_at is None:
        raise Conflict(
            Bilingual(zh="这是申请：请批准或退回。", en="This is an application: approve or return it."),
            code="not_admitted",
        )
    changed = replace(organisation.changed(tx.now), state=moved(organisation.state, to), reason=reason)
    store.update_organisation(tx, changed)
    tx.publish(
        MembershipChanged(
            version=changed.version, at=tx.now, organisation_id=changed.id, kind=changed.kind, state=changed.state
        )
    )
    return changed


def admission(organisation: Organisation) -> MemberAdmitted:
    """The fact that an organisation is in the registry from now on."""
    return MemberAdmitted(
        version=organisation.version,
        at=organisation.updated_at,
        organisation_id=organisation.id,
        organisation=organisation.facts(),
    )

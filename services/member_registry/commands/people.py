"""People of an organisation: invited to an office, and released from it (MR1, MR7)."""

from dataclasses import dataclass, replace
from uuid import UUID

from common.database import Transaction
from common.errors import Conflict, NotFound
from common.events.member_registry import AffiliationChanged
from common.ids import new_id
from common.text import Bilingual
from common.vocabulary import Office
from member_registry.commands.accounts import Invitation, invite_to_choose_password, open_account
from member_registry.model.people import Account, Affiliation, NewPerson, Person
from member_registry.store import organisations
from member_registry.store import people as store


@dataclass(frozen=True, slots=True)
class Appointed:
    """A person in a new office; with an invitation if the account has no password yet."""

    person: Person
    invitation: Invitation | None
    new_account: bool


async def appoint(tx: Transaction, organisation_id: UUID, person: NewPerson, office: Office) -> Appointed:
    """Give a person an office; the account is made if the address has none, and never changed if it has one."""
    organisation = await organisations.organisation(tx, organisation_id)
    if organisation.admitted_at is None:
        raise NotFound
    account, new = await open_account(tx, person)
    if not account.open:
        raise Conflict(Bilingual(zh="该账号已关闭。", en="This account is closed."), code="account_closed")
    affiliation = affiliate(tx, account.id, organisation_id, office)
    invitation = await invite_to_choose_password(tx, account.id) if new and not account.password_hash else None
    return Appointed(_person(account, affiliation), invitation, new)


async def invite_again(
    tx: Transaction, organisation_id: UUID, affiliation_id: UUID, *, by_secretariat: bool
) -> Invitation:
    """Another code for a person without a password; only the secretariat gives one for somebody others rely on too."""
    affiliation = await store.locked_affiliation(tx, organisation_id, affiliation_id)
    if affiliation is None:
        raise NotFound
    account = await store.locked_account(tx, affiliation.account_id)
    elsewhere = await store.affiliated_elsewhere(tx, affiliation)
    if account is None or not account.open or account.password_hash or (elsewhere and not by_secretariat):
        raise Conflict(
            Bilingual(
                zh="此人无需邀请，或只能由秘书处邀请。",
                en="No invitation is needed, or only the secretariat may give one.",
            ),
            code="not_to_be_invited",
        )
    return await invite_to_choose_password(tx, account.id)


def affiliate(tx: Transaction, account_id: UUID, organisation_id: UUID, office: Office) -> Affiliation:
    """An office from now on."""
    affiliation = Affiliation(
        id=new_id(),
        version=1,
        account_id=account_id,
        organisation_id=organisation_id,
        office=office,
        valid_from=tx.now,
    )
    store.insert_affiliation(tx, affiliation)
    _publish(tx, affiliation)
    return affiliation


async def end_office(
    tx: Transaction, organisation_id: UUID, affiliation_id: UUID, *, by_secretariat: bool
) -> Affiliation:
    """An office ends now; the last representative cannot leave without a successor unless the secretariat says so."""
    affiliation = await store.locked_affiliation(tx, organisation_id, affiliation_id)
    if affiliation is None:
        raise NotFound
    if affiliation.valid_until is not None and affiliation.valid_until <= tx.now:
        raise Conflict(Bilingual(zh="该任职已经结束。", en="This office has ended already."), code="office_ended")
    needed = affiliation.office is Office.representative and not by_secretariat
    if needed and not await store.other_representatives(tx, affiliation, tx.now):
        raise Conflict(
            Bilingual(zh="请先指定接任的代表。", en="Appoint another representative first."), code="last_representative"
        )
    ended = replace(affiliation, version=affiliation.version + 1, valid_until=tx.now)
    store.end_affiliation(tx, ended)
    _publish(tx, ended)
    return ended


def _publish(tx: Transaction, affiliation: Affiliation) -> None:
    tx.publish(
        AffiliationChanged(
            version=affiliation.version,
            at=tx.now,
            affiliation_id=affiliation.id,
            account_id=affiliation.account_id,
            organisation_id=affiliation.organisation_id,
            office=affiliation.office,
            valid_from=affiliation.valid_from,
            valid_until=affiliation.valid_until,
        )
    )


def _person(account: Account, affiliation: Affiliation) -> Person:
    return Person(
        affiliation=affiliation,
        email=account.email,
        name=account.name,
        language=account.language,
        orcid=account.orcid,
        invited=account.password_hash is None,
    )

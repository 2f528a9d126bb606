"""Needs to write: the real command of project matching with a short draft."""

from uuid import UUID

from common.database import Database
from common.events.member_registry import OrganisationFacts
from common.ids import new_id
from common.scope import Scope
from common.text import Bilingual
from common.transaction import Transaction
from common.vocabulary import MemberKind, MemberState, RecordKind
from project_matching.api.bodies import NewNeedBody
from project_matching.commands.needs import draft_need
from project_matching.model.need import Need, Organisation
from project_matching.store.profiles import KnownProfile, keep_profiles

BODY = {"title": {"zh": "宽颈动脉瘤栓塞后瘤颈复发", "en": "Recurrence at the neck of wide-neck aneurysms"}}
CONTENT = NewNeedBody.model_validate(BODY).content(RecordKind.member)


def hospital_with(organisation_id: UUID) -> Organisation:
    """An organisation that posts."""
    name = Bilingual(zh="示例医院")
    return Organisation(organisation_id, name, MemberKind.hospital, RecordKind.member, MemberState.active)


async def hospital(
    database: Database, organisation_id: UUID | None = None, kind: MemberKind = MemberKind.hospital
) -> Organisation:
    """The same, or one of another kind, known to project matching."""
    found = hospital_with(organisation_id or new_id())
    facts = OrganisationFacts(name=found.name, kind=kind, record=found.record, state=found.state)
    async with database.transaction() as tx:
        await keep_profiles(tx, [KnownProfile(found.id, 1, facts)])
    return found


async def draft_in(tx: Transaction, organisation: Organisation) -> Need:
    """One command."""
    return await draft_need(tx, CONTENT, organisation=organisation, by_secretariat=False)


def scope_of(organisation: Organisation) -> Scope:
    """Somebody who acts for it."""
    return Scope.of_caller(organisation.id, [organisation.id], secretariat=False)


async def draft(database: Database, organisation: Organisation) -> Need:
    """One command of a caller, committed: entity and outbox row."""
    async with database.transaction(actor="bench", scope=scope_of(organisation)) as tx:
        return await draft_in(tx, organisation)

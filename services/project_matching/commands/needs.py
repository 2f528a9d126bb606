"""Post, revise, submit, publish, return and withdraw a need."""

from uuid import UUID

from common.auth import Caller
from common.database import Transaction
from common.errors import NotFound, StaleVersion
from common.ids import new_id
from common.text import BilingualText
from project_matching.commands.rights import check_may_write, viewer_of
from project_matching.model import facts
from project_matching.model.completeness import check_complete
from project_matching.model.content import NeedContent
from project_matching.model.disclosure import Sight, sight
from project_matching.model.need import Need, Organisation, new_need
from project_matching.model.records import check_record
from project_matching.store.needs import insert_need, need_for_change, update_need
from project_matching.store.profiles import organisation as organisation_of


async def draft_need(
    tx: Transaction, content: NeedContent, *, organisation: Organisation, by_secretariat: bool
) -> Need:
    """A new draft for this organisation; costs one round trip."""
    check_record(content, organisation, secretariat=by_secretariat)
    need = new_need(new_id(), organisation, content, by_secretariat=by_secretariat, now=tx.now)
    insert_need(tx, need)
    tx.publish(facts.changed(need, tx.now))
    return need


async def revise_need(tx: Transaction, need_id: UUID, content: NeedContent, *, caller: Caller, version: int) -> Need:
    """The draft with new content; StaleVersion unless it is still in this version."""
    before = await _need(tx, need_id, caller, version)
    check_may_write(before, caller)
    poster = await organisation_of(tx, before.organisation_id)
    assert poster is not None
    check_record(content, poster, secretariat=caller.secretariat)
    return _changed(tx, before.revised(content))


async def submit_need(tx: Transaction, need_id: UUID, *, caller: Caller, version: int | None) -> Need:
    """Hands a complete draft to the secretariat; InvalidInput names what is missing."""
    before = await _need(tx, need_id, caller, version)
    check_may_write(before, caller)
    after = before.submitted(tx.now)
    check_complete(after.content)
    return _changed(tx, after)


async def publish_need(tx: Transaction, need_id: UUID, *, caller: Caller, version: int | None) -> Need:
    """The secretariat's decision; matching starts from the fact published here."""
    after = (await _need(tx, need_id, caller, version)).published(tx.now)
    check_complete(after.content)
    update_need(tx, after)
    tx.publish(facts.published(after, tx.now))
    return after


async def return_need(
    tx: Transaction, need_id: UUID, reason: BilingualText, *, caller: Caller, version: int | None
) -> Need:
    """Back to its author with what is missing."""
    after = (await _need(tx, need_id, caller, version)).returned(reason, tx.now)
    return _changed(tx, after, returned=True)


async def withdraw_need(
    tx: Transaction, need_id: UUID, reason: BilingualText | None, *, caller: Caller, version: int | None
) -> Need:
    """Takes a need back for good; its poster may, and the secretariat."""
    before = await _need(tx, need_id, caller, version)
    if not caller.secretariat:
        check_may_write(before, caller)
    return _changed(tx, before.withdrawn(reason, tx.now))


async def _need(tx: Transaction, need_id: UUID, caller: Caller, version: int | None) -> Need:
    """The need, locked; NotFound for those who may not read it, StaleVersion if another version was meant."""
    need = await need_for_change(tx, need_id)
    if need is None or sight(need, viewer_of(caller), mutual=False) is Sight.nothing:
        raise NotFound
    if version is not None and version != need.version:
        raise StaleVersion
    return need


def _changed(tx: Transaction, need: Need, *, returned: bool = False) -> Need:
    update_need(tx, need)
    tx.publish(facts.changed(need, tx.now, returned=returned))
    return need

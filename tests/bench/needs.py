"""Needs to write: the real command of project matching with a short draft."""

from typing import Any

from common.database import Database
from common.ids import new_id
from common.text import Bilingual
from common.vocabulary import MemberKind, MemberState, RecordKind
from project_matching.api.bodies import NewNeedBody
from project_matching.commands.needs import draft_need
from project_matching.model.need import Need, Organisation

TITLE = {"zh": "宽颈动脉瘤栓塞后瘤颈复发", "en": "Recurrence at the neck of wide-neck aneurysms"}
CONTENT = NewNeedBody.model_validate({"title": TITLE}).content(RecordKind.member)


async def hospital(database: Database) -> Organisation:
    """An organisation that posts, known to project matching."""
    found = Organisation(new_id(), Bilingual(zh="医院"), MemberKind.hospital, RecordKind.member, MemberState.active)
    values: list[Any] = [found.id, 1, found.name.zh, None, found.kind, found.record, found.state, {}]
    await database.execute("INSERT INTO profile VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", *values)
    return found


async def draft(database: Database, organisation: Organisation) -> Need:
    """One command, committed: entity and outbox row."""
    async with database.transaction(actor="bench") as tx:
        return await draft_need(tx, CONTENT, organisation=organisation, by_secretariat=False)

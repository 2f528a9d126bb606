"""Project matching as its own process sees it, with organisations, people and needs to test with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from common.clock import utc_now
from common.database import Database
from common.events.member_registry import Item, MemberAdmitted, OrganisationFacts
from common.ids import new_id
from common.testing import People, send, until
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberKind, MemberState, Office, RecordKind

PREFIX = "/api/project_matching/v1"

COMPLETE: Mapping[str, Any] = {
    "title": {"zh": "宽颈动脉瘤栓塞后瘤颈复发", "en": "Recurrence at the neck of wide-neck aneurysms"},
    "problem": {"zh": "使瘤颈部多年不再有血流进入", "en": "keep blood flow out of the aneurysm neck"},
    "population": {"zh": "前循环宽颈动脉瘤患者"},
    "outcome": {"en": "reduce retreatment and follow-up imaging"},
    "workflow_step": {"zh": "动脉瘤栓塞术：瘤颈重建"},
    "specialty": "aneurysm",
    "achievement_type": "consumable",
    "wanted": ["enterprise", "engineering"],
    "device_class": "III",
    "region": "CN-11",
}


COILS = Item(
    title=Bilingual(zh="颅内动脉瘤栓塞弹簧圈", en="Embolisation coil for intracranial aneurysms"),
    text=BilingualText(en="Fills the sac and keeps blood flow out of the aneurysm neck.", zh="填塞瘤体，封闭瘤颈。"),
)
"""What an enterprise has to make so that COMPLETE is proposed to it."""


@dataclass
class Alliance:
    """One running service and what is in it; calls it as somebody."""

    client: httpx.AsyncClient
    database: Database
    people: People
    producer: Any
    secretariat: dict[str, str] = field(default_factory=dict)

    async def organisation(
        self,
        kind: MemberKind = MemberKind.hospital,
        *,
        record: RecordKind = RecordKind.member,
        state: MemberState = MemberState.active,
        **more: Any,
    ) -> UUID:
        """An organisation known in both copies, as if the member registry had told of it."""
        organisation_id = await self.people.organisation(kind, state)
        facts = OrganisationFacts(
            name=Bilingual(zh=f"单位{organisation_id}"), kind=kind, record=record, state=state, **more
        )
        await self.database.execute(
            "INSERT INTO profile VALUES ($1, 1, $2, NULL, $3, $4, $5, $6)",
            organisation_id,
            facts.name.zh,
            kind,
            record,
            state,
            facts.model_dump(mode="json"),
        )
        return organisation_id

    async def admitted(self, kind: MemberKind = MemberKind.hospital, **more: Any) -> UUID:
        """An organisation that the member registry has told of on its topic, here and in the matcher's picture."""
        facts = OrganisationFacts.model_validate(
            {"name": {"en": "An organisation"}, "kind": kind, "record": "member", "state": "active", **more}
        )
        event = MemberAdmitted(version=1, at=utc_now(), organisation_id=new_id(), organisation=facts)
        await send(self.producer, event)
        await until(lambda: self._copied(event.organisation_id))
        return event.organisation_id

    async def _copied(self, organisation_id: UUID) -> bool:
        sql = "SELECT true FROM profile WHERE organisation_id = $1"
        return bool(await self.database.fetch_value(sql, organisation_id))

    async def person(self, organisation_id: UUID, office: Office = Office.representative) -> dict[str, str]:
        """The headers of somebody who holds this office there."""
        return await self.people.account(organisation_id, office)

    async def get(self, who: Mapping[str, str], path: str, **params: Any) -> httpx.Response:
        return await self.client.get(PREFIX + path, headers=who, params=params)

    async def post(
        self, who: Mapping[str, str], path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = {**who, "idempotency-key": key or str(new_id()), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.client.post(PREFIX + path, headers=sent, json=body)

    async def put(self, who: Mapping[str, str], path: str, body: Any, etag: str | None = None) -> httpx.Response:
        return await self.client.put(PREFIX + path, headers={**who, **({"if-match": etag} if etag else {})}, json=body)

    async def draft(self, who: Mapping[str, str], **changes: Any) -> dict[str, Any]:
        """A complete draft of this person's organisation."""
        answer = await self.post(who, "/needs", {**COMPLETE, **changes})
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def submitted(self, who: Mapping[str, str], **changes: Any) -> dict[str, Any]:
        need = await self.draft(who, **changes)
        answer = await self.post(who, f"/needs/{need['id']}/submit")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def published(self, who: Mapping[str, str], **changes: Any) -> dict[str, Any]:
        need = await self.submitted(who, **changes)
        answer = await self.post(self.secretariat, f"/needs/{need['id']}/publish")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]


@pytest_asyncio.fixture(scope="module")
async def alliance(client: httpx.AsyncClient, database: Database, people: People, producer: Any) -> Alliance:
    """The service, up for one module, with a member of the secretariat."""
    return Alliance(client, database, people, producer, await people.account(secretariat=True))

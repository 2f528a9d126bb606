"""The alliance the matrix is tried in: houses with people in every office, built through the public API."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from common.auth.tokens import LIFETIME
from common.ids import new_id
from common.testing import until
from common.vocabulary import Office
from tests.journeys.building import FEEDS, MATCHING, REGISTRY, made
from tests.journeys.conftest import Alliance, Person
from tests.security.members import PASSWORD, Caller, House

COILS = {
    "title": {"zh": "颅内动脉瘤栓塞弹簧圈", "en": "Embolisation coil for intracranial aneurysms"},
    "text": {"zh": "填塞瘤体，封闭瘤颈。", "en": "Fills the sac and keeps blood flow out of the aneurysm neck."},
    "specialty": "aneurysm",
}


@dataclass
class World:
    """Houses by what they are for, callers by name."""

    alliance: Alliance
    admin: Person
    """The secretariat as the builder of all this, not one of the callers."""
    houses: dict[str, House] = field(default_factory=dict)
    callers: list[Caller] = field(default_factory=list)
    suggestions: dict[str, list[str]] = field(default_factory=dict)
    """Made and unanswered, by house."""
    _signed_in: float = field(default_factory=time.monotonic)

    async def house(self, name: str, kind: str, **more: Any) -> House:
        mark = f"{name.replace(' ', '-')}-{new_id().hex[-12:]}"
        label = {"zh": f"虚构单位{new_id().hex[-12:]}", "en": None}
        body = {"name": label, "kind": kind, "record": "demo", "country": "CN", "items": [COILS], **more}
        built = House(await made(self.admin, f"{REGISTRY}/organisations", body), kind, mark)
        built.boss = await self.person(f"boss of {name}", built, Office.representative)
        self.houses[name] = built
        return built

    async def person(self, name: str, house: House | None, office: Office | None, **more: Any) -> Caller:
        """Somebody signed in, with this office there or with none."""
        email = f"{new_id().hex[-12:]}@{house.mark if house else 'nowhere'}.example"
        body: dict[str, Any] = {"name": {"en": name}, "email": email, "password": PASSWORD}
        if house and office:
            await made(self.admin, f"{REGISTRY}/organisations/{house.id}/people", body | {"office": office})
        else:
            await made(self.admin, f"{REGISTRY}/accounts", body | more)
        side = "institution" if house and house.kind == "hospital" else "enterprise"
        inside = {Office.clinician: "clinician", Office.reader: "reader"}
        roles = {inside.get(office, f"{side}_{office}")} if office else set()
        if more.get("secretariat"):
            roles = {"secretariat"}
        caller = Caller(name, frozenset(roles), house, email, acts=house is not None)
        return await caller.sign_in(self.alliance)

    def as_caller(self, caller: Caller) -> Person:
        return Person(self.alliance.client, {"access_token": caller.token})

    async def machine(self, house: House) -> Caller:
        key = await self.admin.post(f"{REGISTRY}/organisations/{house.id}/api-keys", {"name": house.mark})
        form = {"client_id": key.json()["id"], "client_secret": key.json()["key"], "grant_type": "client_credentials"}
        answer = await self.alliance.client.post(f"/api/{REGISTRY}/token", data=form)
        token = answer.json()["access_token"]
        return Caller("service", frozenset({"service"}), house, token=token, acts=True, machine=True)

    async def of_two_houses(self, reads: House, leads: House) -> Caller:
        """A reader of one house who represents another."""
        caller = await self.person("reader with an office elsewhere", None, None)
        for house, office in ((reads, Office.reader), (leads, Office.representative)):
            body = {"name": {"en": "x"}, "email": caller.email, "office": office}
            await made(self.admin, f"{REGISTRY}/organisations/{house.id}/people", body)
        caller.roles = frozenset({"reader", "institution_representative"})
        caller.house, caller.acts, caller.reads_only = reads, True, True
        return caller

    async def renewed(self) -> None:
        """Everybody signed in anew before their tokens expire, should the machine be that slow."""
        if time.monotonic() - self._signed_in < LIFETIME / 2:
            return
        self._signed_in = time.monotonic()
        self.admin.token = (await self.alliance.secretariat()).token
        for caller in [*self.callers, *(house.boss for house in self.houses.values())]:
            if caller.machine and caller.house:
                caller.token = (await self.machine(caller.house)).token
            elif not caller.anonymous:
                await caller.sign_in(self.alliance)

    async def known_everywhere(self) -> None:
        """Every service has heard of every caller's rights."""

        async def known() -> bool:
            paths = (f"{MATCHING}/suggestions", f"{FEEDS}/items", f"{REGISTRY}/me")
            asked = [(path, caller) for caller in self.callers if caller.acts for path in paths]
            answers = [await self._get(path, caller) for path, caller in asked]
            return all(status == 200 for status in answers)

        await until(known, timeout=60, every=0.2)

    async def _get(self, path: str, caller: Caller) -> int:
        assert caller.house is not None
        headers = caller.headers() | {"alliance-organisation": caller.house.id}
        return (await self.alliance.client.get(f"/api/{path}", headers=headers)).status_code


async def build(alliance: Alliance) -> World:
    """Two hospitals and two enterprises, so that each has a foreign one of its kind; and the special cases."""
    world = World(alliance, await alliance.secretariat())
    names = {"hospital": "hospital", "other hospital": "hospital", "third hospital": "hospital"}
    names |= {"enterprise": "enterprise", "other enterprise": "enterprise", "suspended": "hospital"}
    await asyncio.gather(*(world.house(name, kind) for name, kind in names.items()))
    record = await world.house("record", "hospital")
    hospital, enterprise = world.houses["hospital"], world.houses["enterprise"]
    world.callers = [
        *await asyncio.gather(
            world.person("secretariat", None, None, secretariat=True),
            *(world.person(f"institution {office}", hospital, office) for office in Office),
            *(world.person(f"enterprise {office}", enterprise, office) for office in Office if office != "clinician"),
            world.machine(hospital),
            world.of_two_houses(hospital, world.houses["third hospital"]),
            world.person("nobody", None, None),
        ),
        world.houses["suspended"].boss,
        Caller("anonymous"),
    ]
    world.callers[0].house = record
    await world.known_everywhere()
    return world

"""Who takes part: a secretariat, hospitals, enterprises, each with a person who acts for it."""

import asyncio
from dataclasses import dataclass

from common.ids import new_id
from deploy.local.secrets import Secrets
from tests.faults.load import words
from tests.faults.load.client import Entrance, Person
from tests.faults.stack.stack import Stack

HOSPITALS, ENTERPRISES = 3, 5
_PASSWORD = "four unrelated words for tests"


@dataclass
class Alliance:
    """The people who act in a run."""

    secretariat: Person
    hospitals: list[Person]
    enterprises: list[Person]

    @property
    def entrance(self) -> Entrance:
        return self.secretariat.entrance


async def found(stack: Stack, entrance: Entrance) -> Alliance:
    """Register everybody, sign them in, and wait until all services know them."""
    email, _, password = Secrets(stack.state).first_secretariat().partition(":")
    secretariat = Person(entrance, email, password)
    await secretariat.token()
    kinds = ["hospital"] * HOSPITALS + ["enterprise"] * ENTERPRISES
    everybody = await asyncio.gather(*(member(secretariat, kind) for kind in kinds))
    await asyncio.gather(*(one.get("project_matching", "/suggestions") for one in everybody))
    await asyncio.gather(*(one.get("feeds", "/items") for one in everybody))
    return Alliance(secretariat, everybody[:HOSPITALS], everybody[HOSPITALS:])


async def member(secretariat: Person, kind: str) -> Person:
    """An organisation of this kind and its representative."""
    made = await organisation(secretariat, kind)
    email = f"{new_id().hex}@people.test"
    body = {"name": {"en": "Test Representative"}, "email": email, "password": _PASSWORD, "office": "representative"}
    async with secretariat.entrance.password:
        await secretariat.command("member_registry", f"/organisations/{made}/people", body, timeout=60)
    return Person(secretariat.entrance, email, _PASSWORD, made)


async def organisation(secretariat: Person, kind: str) -> str:
    """An organisation with a profile; its id."""
    marker = f"{kind} {new_id().hex}"
    body = {"name": {"en": marker}, "kind": kind, "record": "demo", "country": "CN"}
    body |= words.profile(secretariat.entrance.chance)
    return str((await secretariat.command("member_registry", "/organisations", body, marker=marker))["id"])

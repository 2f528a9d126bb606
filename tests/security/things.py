"""Something real for every path, made anew once a request has used it up."""

from typing import Any

from common.ids import new_id
from common.testing import until
from tests.journeys.building import MATCHING, REGISTRY, done, made
from tests.journeys.conftest import Person
from tests.security.bodies import NEED
from tests.security.members import Caller, House
from tests.security.operations import Operation
from tests.security.world import World


class Things:
    """Path parameters by operation and owner."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ready: dict[tuple[str, str], dict[str, str]] = {}
        self._suggestions: dict[str, list[str]] = {}

    async def of(self, operation: Operation, house: House) -> dict[str, str]:
        """Something of this house that this operation can be done to."""
        key = str(operation), house.id
        if key not in self._ready:
            self._ready[key] = await self._made(operation, house)
        return self._ready[key]

    def used(self, operation: Operation, house: House) -> None:
        """It was done: the next one needs another thing."""
        if operation.method != "GET":
            self._ready.pop((str(operation), house.id), None)

    async def _made(self, operation: Operation, house: House) -> dict[str, str]:
        path, admin = operation.path, self.world.admin
        if "{application_id}" in path:
            return {"application_id": await made(self._as(house.boss), f"{REGISTRY}/applications", applying())}
        if "{account_id}" in path:
            body = {"name": {"en": "x"}, "email": f"{new_id().hex}@nowhere.example"}
            return {"account_id": await made(admin, f"{REGISTRY}/accounts", body)}
        if path.endswith("/state"):
            body = {"name": {"zh": f"单位{new_id().hex}"}, "kind": "hospital", "record": "demo"}
            return {"organisation_id": await made(admin, f"{REGISTRY}/organisations", body)}
        within = f"{REGISTRY}/organisations/{house.id}"
        if "{affiliation_id}" in path:
            body = {"name": {"en": "x"}, "email": f"{new_id().hex}@{house.mark}.example", "office": "editor"}
            return {"organisation_id": house.id, "affiliation_id": await made(admin, f"{within}/people", body)}
        if "{api_key_id}" in path:
            return {
                "organisation_id": house.id,
                "api_key_id": await made(admin, f"{within}/api-keys", {"name": house.mark}),
            }
        if "{organisation_id}" in path:
            return {"organisation_id": house.id}
        if "{subscription_id}" in path:
            return {"subscription_id": await made(self._as(house.boss), f"{MATCHING}/subscriptions", _wish(house))}
        if "{suggestion_id}" in path:
            return {"suggestion_id": await self._suggestion(house)}
        assert "{need_id}" in path, f"nothing is known to try {operation} with"
        submitted = path.endswith(("/publish", "/return", "/withdraw"))
        title = NEED["title"]["zh"] if submitted else house.mark  # what is published is told to everybody
        return {"need_id": await self._need(house, title=title, submitted=submitted)}

    def _as(self, caller: Caller) -> Person:
        return Person(self.world.alliance.client, {"access_token": caller.token})

    async def _need(self, house: House, *, title: str, submitted: bool) -> str:
        """A draft, or what its author has handed in; the secretariat posts for a record."""
        record = house is self.world.houses["record"]
        who = self._as(self.world.callers[0] if record else house.boss)
        body = NEED | {"title": {"zh": title, "en": None}} | ({"organisation_id": house.id} if record else {})
        found: list[str] = []

        async def accepted() -> bool:
            """The house's own record may still be on its way."""
            answer = await who.post(f"{MATCHING}/needs", body)
            found.append(str(answer.json().get("id")))
            return answer.status_code == 201

        await until(accepted, timeout=30, every=0.2)
        if submitted:
            await done(who, f"{MATCHING}/needs/{found[-1]}/submit")
        return found[-1]

    async def _suggestion(self, house: House) -> str:
        """One between the hospital and the enterprise of the house's pair, unanswered; several are made at a time."""
        waiting = self._suggestions.setdefault(house.id, [])
        if not waiting:
            other = house in (self.world.houses["other hospital"], self.world.houses["other enterprise"])
            hospital, enterprise = (
                self.world.houses[f"{'other ' if other else ''}{kind}"] for kind in ("hospital", "enterprise")
            )
            needs = [await self._need(hospital, title=NEED["title"]["zh"], submitted=True) for _ in range(3)]
            for need in needs:
                await done(self.world.admin, f"{MATCHING}/needs/{need}/publish")
            for need in needs:
                waiting.append(await self._between(need, enterprise))
        return waiting.pop()

    async def _between(self, need: str, enterprise: House) -> str:
        found: list[str] = []

        async def there() -> bool:
            answer = await self.world.admin.get(f"{MATCHING}/needs/{need}/suggestions", limit=100)
            found.extend(one["id"] for one in answer.json()["items"] if one["organisation"]["id"] == enterprise.id)
            return bool(found)

        await until(there, timeout=180, every=0.3)
        return found[0]


def _wish(house: House) -> dict[str, Any]:
    return {"name": {"zh": house.mark}, "words_any": ["没有任何需求会提到的词"]}


def applying() -> dict[str, Any]:
    """An application that nothing speaks against."""
    person = {"name": {"zh": "申请人"}, "email": f"{new_id().hex}@nowhere.example", "password": "four unrelated words"}
    return {
        "organisation": {"name": {"zh": f"申请单位{new_id().hex}"}, "kind": "enterprise"},
        "representative": person,
    }


def owner(world: World, operation: Operation, caller: Caller, *, own: bool) -> House | None:
    """Whose thing a caller asks for; None where this caller cannot have one of that kind."""
    houses, path = world.houses, operation.path
    if not own:
        side = "enterprise" if caller.house is houses["enterprise"] and "{need_id}" not in path else "hospital"
        return houses[f"other {side}"]
    if "{application_id}" in path or "{account_id}" in path or path.endswith("/state"):
        return None
    if caller.secretariat:
        return caller.house if "{need_id}" in path and operation.reach == "own" else None
    if "{need_id}" in path and caller.house is houses["enterprise"]:
        return None
    if "{suggestion_id}" in path and caller.house is houses["suspended"]:
        return None
    return caller.house

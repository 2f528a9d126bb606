"""What the security matrix does the operations on needs, suggestions and subscriptions to."""

from common.testing import until
from tests.journeys.building import MATCHING, done, made
from tests.security.bodies import NEED
from tests.security.members import House
from tests.security.operations import Operation
from tests.security.world import World


async def thing(world: World, operation: Operation, house: House) -> dict[str, str]:
    """The parameters of the path: something of this house that this operation can be done to."""
    path = operation.path
    if "{subscription_id}" in path:
        wish = {"name": {"zh": house.mark}, "words_any": ["没有任何需求会提到的词"]}
        return {"subscription_id": await made(world.as_caller(house.boss), f"{MATCHING}/subscriptions", wish)}
    if "{suggestion_id}" in path:
        return {"suggestion_id": await _suggestion(world, house)}
    submitted = path.endswith(("/publish", "/return", "/withdraw"))
    title = NEED["title"]["zh"] if submitted else house.mark  # what is published is told to everybody
    return {"need_id": await _need(world, house, title=title, submitted=submitted)}


async def _need(world: World, house: House, *, title: str, submitted: bool) -> str:
    """A draft, or what its author has handed in; the secretariat posts for a record."""
    record = house is world.houses["record"]
    who = world.as_caller(world.callers[0] if record else house.boss)
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


async def _suggestion(world: World, house: House) -> str:
    """One between the hospital and the enterprise of the house's pair, unanswered; several are made at a time."""
    waiting = world.suggestions.setdefault(house.id, [])
    if not waiting:
        other = house in (world.houses["other hospital"], world.houses["other enterprise"])
        hospital, enterprise = (
            world.houses[f"{'other ' if other else ''}{kind}"] for kind in ("hospital", "enterprise")
        )
        needs = [await _need(world, hospital, title=NEED["title"]["zh"], submitted=True) for _ in range(3)]
        for need in needs:
            await done(world.admin, f"{MATCHING}/needs/{need}/publish")
        for need in needs:
            waiting.append(await _between(world, need, enterprise))
    return waiting.pop()


async def _between(world: World, need: str, enterprise: House) -> str:
    found: list[str] = []

    async def there() -> bool:
        answer = await world.admin.get(f"{MATCHING}/needs/{need}/suggestions", limit=100)
        found.extend(one["id"] for one in answer.json()["items"] if one["organisation"]["id"] == enterprise.id)
        return bool(found)

    await until(there, timeout=180, every=0.3)
    return found[0]

"""What each of them does, again and again, until the run ends; every loop has a pause that bounds its rate."""

import asyncio
from collections import deque
from contextlib import suppress

from common.ids import new_id
from tests.faults.load import words
from tests.faults.load.alliance import Alliance, organisation
from tests.faults.load.client import Person, Refused


async def post_needs(
    hospital: Person, alliance: Alliance, submitted: asyncio.Queue[str], *, pause: float, keep: int
) -> None:
    """Post and submit needs; those beyond the last `keep` are withdrawn."""
    chance, mine = hospital.entrance.chance, deque[str]()
    while True:
        blocked = [chance.choice(alliance.enterprises).organisation_id] if chance.random() < 0.3 else []
        marker = f"N{new_id().hex}"
        need = words.need(chance, marker, blocked)
        made = await hospital.command("project_matching", "/needs", need, marker=marker)
        await hospital.command("project_matching", f"/needs/{made['id']}/submit")
        submitted.put_nowait(made["id"])
        mine.append(made["id"])
        if len(mine) > keep:
            await hospital.command("project_matching", f"/needs/{mine.popleft()}/withdraw")
        await asyncio.sleep(pause * chance.uniform(0.5, 1.5))


async def publish_needs(secretariat: Person, submitted: asyncio.Queue[str]) -> None:
    """As they come; one in ten is returned to its author. A need withdrawn meanwhile is refused."""
    chance = secretariat.entrance.chance
    while True:
        need_id = await submitted.get()
        with suppress(Refused):
            if chance.random() < 0.1:
                body = {"reason": {"en": "Please say more."}}
                await secretariat.command("project_matching", f"/needs/{need_id}/return", body)
            else:
                await secretariat.command("project_matching", f"/needs/{need_id}/publish")


async def admit(secretariat: Person, *, pause: float, most: int) -> None:
    """New enterprises, nobody's yet, so that needs meet profiles that come at the same moment."""
    for _ in range(most):
        await organisation(secretariat, "enterprise")
        await asyncio.sleep(pause * secretariat.entrance.chance.uniform(0.5, 1.5))


async def change_profile(who: Person, *, pause: float) -> None:
    """The whole profile anew, over the version just read."""
    path = f"/organisations/{who.organisation_id}"
    while True:
        await asyncio.sleep(pause * who.entrance.chance.uniform(0.5, 1.5))
        version = (await who.get("member_registry", path)).json()["version"]
        with suppress(Refused):  # an earlier attempt, whose answer never came, has made this version
            body = words.profile(who.entrance.chance)
            await who.change("PUT", "member_registry", f"{path}/profile", body, version)


async def subscribe(who: Person, *, pause: float, keep: int) -> None:
    """Make, change and end subscriptions; a handful stands at any time."""
    chance, mine = who.entrance.chance, deque[str]()
    while True:
        marker = f"S{new_id().hex}"
        body = words.subscription(chance, marker)
        mine.append((await who.command("project_matching", "/subscriptions", body, marker=marker))["id"])
        with suppress(Refused):
            chosen = chance.choice(mine)
            now = (await who.get("project_matching", f"/subscriptions/{chosen}")).json()
            again = words.subscription(chance, now["name"]["en"])
            await who.change("PUT", "project_matching", f"/subscriptions/{chosen}", again, now["version"])
            if len(mine) > keep:
                gone = mine.popleft()
                version = (await who.get("project_matching", f"/subscriptions/{gone}")).json()["version"]
                await who.change("DELETE", "project_matching", f"/subscriptions/{gone}", None, version)
        await asyncio.sleep(pause * chance.uniform(0.5, 1.5))


async def answer(who: Person, *, pause: float) -> None:
    """Say interested or declined to what waits for an answer of this side."""
    chance = who.entrance.chance
    while True:
        await asyncio.sleep(pause * chance.uniform(0.5, 1.5))
        waiting = (await who.get("project_matching", "/suggestions", waiting="true")).json()["items"]
        for one in chance.sample(waiting, min(2, len(waiting))):
            body = {"answer": "interested"} if chance.random() < 0.7 else {"answer": "declined", "reason": "too_early"}
            with suppress(Refused):  # the other side declined, or the need was withdrawn, a moment ago
                await who.command("project_matching", f"/suggestions/{one['id']}/answer", body)

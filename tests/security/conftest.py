"""One stack and one alliance in it for all of these tests."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

import member_registry.app
from member_registry.hashing import Hashing
from tests.journeys.building import REGISTRY
from tests.journeys.conftest import Alliance, alliance
from tests.security.operations import operations
from tests.security.things import Things
from tests.security.world import World, build

__all__ = ["alliance"]


@pytest.fixture(scope="package", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """The alliance's passwords cost a moment of processor each, or the many sign-ins here would cost a minute."""
    cheap, real = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)), member_registry.app.service
    parts = [(name, Hashing(cheap) if name == "hashing" else part) for name, part in real.parts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(member_registry.app, "service", replace(real, parts=parts))
        yield


@pytest_asyncio.fixture(scope="package")
async def world(alliance: Alliance) -> World:
    return await build(alliance)


@pytest_asyncio.fixture(scope="package")
async def things(world: World) -> Things:
    """With everything the suspended house has, made before its suspension."""
    found, suspended = Things(world), world.houses["suspended"]
    for operation in operations():
        if operation.names_a_thing and "{suggestion_id}" not in operation.path:
            await found.of(operation, suspended)
    reason = {"state": "suspended", "reason": {"zh": "测试", "en": "test"}}
    answer = await world.admin.post(f"{REGISTRY}/organisations/{suspended.id}/state", reason)
    assert answer.status_code == 200, answer.text
    suspended.boss.acts, suspended.boss.roles = False, frozenset()
    return found

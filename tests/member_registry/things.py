"""What the security matrix does the registry's operations to."""

from typing import Any

from common.ids import new_id
from tests.journeys.building import REGISTRY, made
from tests.security.members import House
from tests.security.operations import Operation
from tests.security.world import World


async def thing(world: World, operation: Operation, house: House) -> dict[str, str]:
    """The parameters of the path: something of this house that this operation can be done to."""
    path, admin = operation.path, world.admin
    if "{application_id}" in path:
        return {"application_id": await made(world.as_caller(house.boss), f"{REGISTRY}/applications", applying())}
    if "{account_id}" in path:
        body = {"name": {"en": "x"}, "email": f"{new_id().hex}@nowhere.example"}
        return {"account_id": await made(admin, f"{REGISTRY}/accounts", body)}
    if path.endswith("/state"):
        body = {"name": {"zh": f"单位{new_id().hex}"}, "kind": "hospital", "record": "demo"}
        return {"organisation_id": await made(admin, f"{REGISTRY}/organisations", body)}
    within, found = f"{REGISTRY}/organisations/{house.id}", {"organisation_id": house.id}
    if "{affiliation_id}" in path:
        body = {"name": {"en": "x"}, "email": f"{new_id().hex}@{house.mark}.example", "office": "editor"}
        found["affiliation_id"] = await made(admin, f"{within}/people", body)
    if "{api_key_id}" in path:
        found["api_key_id"] = await made(admin, f"{within}/api-keys", {"name": house.mark})
    return found


def applying() -> dict[str, Any]:
    """An application that nothing speaks against."""
    person = {"name": {"zh": "申请人"}, "email": f"{new_id().hex}@nowhere.example", "password": "four unrelated words"}
    return {
        "organisation": {"name": {"zh": f"申请单位{new_id().hex}"}, "kind": "enterprise"},
        "representative": person,
    }

"""A valid body for every operation: the document's own example, with real names where it has to name real things."""

from typing import Any

from common.ids import new_id
from project_matching.api.bodies import EXAMPLE
from tests.journeys.building import REGISTRY
from tests.security.members import PASSWORD, Caller
from tests.security.operations import Operation
from tests.security.world import COILS, World

NEED = EXAMPLE
_NEW_PEOPLE = ("/accounts", "/people")


async def body_of(world: World, operation: Operation, caller: Caller) -> Any:
    """What is sent; AssertionError when an operation has no example in its document."""
    path = operation.path.partition("/v1")[2]
    assert operation.example is not None, f"{operation} takes a body and its document shows none"
    match operation.method, path:
        case "POST", "/sessions":
            return {"email": world.houses["hospital"].boss.email, "password": PASSWORD}
        case "POST", "/sessions/refresh":
            signed_in = await world.alliance.sign_in(world.houses["hospital"].boss.email, PASSWORD)
            return {"refresh_token": signed_in.signed_in["refresh_token"]}
        case "POST", "/token":
            within = f"{REGISTRY}/organisations/{world.houses['third hospital'].id}/api-keys"
            key = (await world.admin.post(within, {"name": "x"})).json()
            return {"grant_type": "client_credentials", "client_id": key["id"], "client_secret": key["key"]}
        case "POST", "/invitations/accept":
            opened = await world.admin.post(f"{REGISTRY}/accounts", {"name": {"en": "x"}, "email": _email()})
            return {"code": opened.json()["invitation"]["code"], "password": PASSWORD}
        case "POST", "/me/password":
            return {"current": PASSWORD, "new": PASSWORD}
        case "POST", "/applications":
            known = operation.example
            organisation = {**known["organisation"], "uscc": None, "name": {"zh": f"申请单位{new_id().hex}"}}
            return {"organisation": organisation, "representative": known["representative"] | {"email": _email()}}
        case "POST", _ if path.endswith(_NEW_PEOPLE):
            return {**operation.example, "email": _email(), "password": None}
        case "PUT", _ if path.endswith("/profile"):
            return {**operation.example, "items": [COILS]}
        case "POST", "/needs" if caller.secretariat:
            return {**operation.example, "organisation_id": world.houses["record"].id}
        case _:
            return operation.example


def _email() -> str:
    return f"{new_id().hex}@nowhere.example"

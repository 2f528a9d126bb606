"""Something real for every path, made anew once a request has used it up."""

import importlib
import re
from collections.abc import Awaitable, Callable

from deploy.services import ROOT
from tests.security.members import Caller, House
from tests.security.operations import Operation
from tests.security.world import World

Make = Callable[[World, Operation, House], Awaitable[dict[str, str]]]


class Things:
    """Path parameters by operation and owner."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ready: dict[tuple[str, str], dict[str, str]] = {}

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
        """The service's own tests know how."""
        place = f"tests/{operation.service}/things.py"
        assert (ROOT / place).exists(), (
            f"{operation} names a thing: let `thing(world, operation, house)` in {place} make it"
        )
        made: Make = importlib.import_module(f"tests.{operation.service}.things").thing
        found = await made(self.world, operation, house)
        lacking = set(re.findall(r"{(\w+)}", operation.path)) - set(found)
        assert not lacking, f"{operation}: let `thing` in {place} make {', '.join(lacking)}"
        return found


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

"""Every operation for every caller on their own things, on others' and on what is not there: the declared answer."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from common.http import Reach
from common.ids import new_id
from tests.journeys.building import REGISTRY
from tests.security.bodies import body_of
from tests.security.expected import Thing, expected
from tests.security.members import Caller, House
from tests.security.operations import SERVICES, STREAM, Operation, operations, undocumented
from tests.security.things import Things, owner
from tests.security.world import World

OPERATIONS = operations()
OPEN_BESIDE = ("/health/", "/metrics", "/docs", "/openapi.json")
pytestmark = pytest.mark.timeout(600)
_counted: Counter[int] = Counter()
_tried: set[str] = set()


@dataclass(frozen=True)
class Cell:
    """One request of the matrix."""

    operation: Operation
    caller: Caller
    thing: Thing
    house: House | None


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_every_caller_gets_the_declared_answer(world: World, things: Things, operation: Operation) -> None:
    await world.renewed()
    wrong = []
    for cell in _cells(world, operation):
        status, text = await _ask(world, things, cell)
        _counted[status] += 1
        if status not in expected(operation, cell.caller, cell.thing):
            wrong.append(f"{cell.caller.name}, {cell.thing}: {status} {text[:200]}")
        strangers = {house.mark for house in world.houses.values() if house is not cell.caller.house}
        if not cell.caller.secretariat and cell.thing is not Thing.none:
            wrong += [f"{cell.caller.name}, {cell.thing}: is shown {mark}" for mark in strangers if mark in text]
    _tried.add(str(operation))
    assert not wrong, "\n".join([str(operation), *wrong])


def test_the_matrix_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Last in this file: it counts what the others have tried."""
    if len(_tried) < len(OPERATIONS):
        pytest.skip("only a part of the matrix was tried")
    with capsys.disabled():
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(_counted.items()))
        print(f"\n{len(_tried)} operations, {_counted.total()} cells ({answers})")
    assert set(_counted) == {200, 201, 204, 401, 403, 404}


@pytest.mark.parametrize("service", SERVICES)
def test_no_route_is_left_out_of_the_document(service: str) -> None:
    assert all(any(known in path for known in OPEN_BESIDE) for path in undocumented(service))


def _cells(world: World, operation: Operation) -> Iterator[Cell]:
    for caller in world.callers:
        if operation.names_a_thing:
            for thing, own in ((Thing.own, True), (Thing.foreign, False)):
                house = owner(world, operation, caller, own=own) if not own or caller.house else None
                if house is not None:
                    yield Cell(operation, caller, thing, house)
            yield Cell(operation, caller, Thing.missing, None)
        elif operation.reach is Reach.own and not caller.secretariat:
            yield Cell(operation, caller, Thing.own if caller.acts else Thing.none, caller.house)
            yield Cell(operation, caller, Thing.foreign, world.houses["other hospital"])
        else:
            yield Cell(operation, caller, Thing.none, None)


async def _ask(world: World, things: Things, cell: Cell) -> tuple[int, str]:
    operation, caller = cell.operation, cell.caller
    path, headers = operation.path, caller.headers()
    if operation.names_a_thing:
        found = await things.of(operation, cell.house or world.houses["other hospital"])
        path = path.format(**(found if cell.house else dict.fromkeys(found, str(new_id()))))
    elif cell.house is not None:
        headers["alliance-organisation"] = cell.house.id
    if operation.method == "POST":
        headers["idempotency-key"] = str(new_id())
    if operation.conditional:
        headers["if-match"] = await _version(world, path) if path.endswith("/profile") else '"1"'
    status, text = await _sent(world, cell, path, headers)
    if status < 300 and cell.house is not None:
        things.used(operation, cell.house)
    if status < 300 and path.endswith(("/me/password", "/sessions/current")) and not caller.machine:
        await caller.sign_in(world.alliance)
    return status, text


async def _sent(world: World, cell: Cell, path: str, headers: dict[str, str]) -> tuple[int, str]:
    client, operation = world.alliance.client, cell.operation
    if operation is not STREAM:
        body = await body_of(world, operation, cell.caller) if operation.has_body else None
        sent: dict[str, Any] = {"data" if operation.form else "json": body}
        answer = await client.request(operation.method, path, headers=headers, **sent)
        return answer.status_code, answer.text
    async with asyncio.timeout(20), client.stream("GET", path, headers=headers) as stream:
        return stream.status_code, ""


async def _version(world: World, path: str) -> str:
    """The ETag of the organisation this profile belongs to; any other tag where there is none."""
    known = await world.admin.get(f"{REGISTRY}/{path.split('/v1/')[1].removesuffix('/profile')}")
    return str(known.headers.get("etag", '"1"'))

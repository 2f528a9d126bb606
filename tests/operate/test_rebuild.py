"""Copies made anew from the topics: equal row by row, put right where they are not, also while the service works."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio

from common.clock import utc_now
from common.database import Database
from common.events.member_registry import MembershipChanged
from common.ids import new_id
from common.serving import load
from common.testing import until
from common.vocabulary import MemberKind, MemberState
from deploy.operate.place import Place
from deploy.operate.rebuild import rebuilt
from deploy.services import all_services
from deploy.words import Told
from tests.common.delivery import consuming, publish, relaying
from tests.conftest import Servers
from tests.facts import admitted, hit

MEMBERS = 20


@pytest_asyncio.fixture
async def registry(servers: Servers) -> AsyncIterator[Database]:
    database = await Database.connect(servers.url("member_registry"), schema="member_registry", name="test registry")
    yield database
    await database.close()


def _suspended(organisation_id: UUID, version: int) -> MembershipChanged:
    return MembershipChanged(
        version=version,
        at=utc_now(),
        organisation_id=organisation_id,
        kind=MemberKind.hospital,
        state=MemberState.suspended,
    )


async def test_rebuilding_finds_and_mends_what_differs(
    servers: Servers, registry: Database, source: Database, target: Database, place: Place
) -> None:
    members = [new_id() for _ in range(MEMBERS)]
    known = "SELECT count(*) FROM access_organisation WHERE organisation_id = ANY($1)"

    async def arrived() -> bool:
        return bool(await target.fetch_value(known, members) == MEMBERS)

    async with (
        relaying(servers, registry, "member_registry"),
        relaying(servers, source),
        consuming(servers, target, *load("feeds").wiring),
    ):
        await publish(registry, *(admitted(each) for each in members))
        await publish(source, *(hit(each) for each in members))
        await publish(registry, _suspended(members[0], 2))
        await until(arrived, timeout=60)
        found = await rebuilt(place, "feeds")
        assert (found.equal, found.behind, found.failed, found.incomplete) == (True, 0, 0, 0)
        rows = {table.table: table.rebuilt for table in found.tables}
        assert rows["access_organisation"] >= MEMBERS
        assert rows["item"] >= 2 * MEMBERS

        await target.execute("UPDATE access_organisation SET state = 'active' WHERE organisation_id = $1", members[0])
        await target.execute("DELETE FROM access_organisation WHERE organisation_id = $1", members[1])
        await target.execute("INSERT INTO access_organisation VALUES ($1, 'hospital', 'active')", new_id())
        found = await rebuilt(place, "feeds", swap=True)
        (wrong,) = [table for table in found.tables if not table.equal]
        assert (wrong.table, wrong.only_live, wrong.only_rebuilt) == ("access_organisation", 2, 2)
        assert str(members[1]) in " ".join(wrong.examples_rebuilt)
        assert (await rebuilt(place, "feeds")).equal
    assert not await target.fetch_value("SELECT count(*) FROM pg_namespace WHERE nspname = 'feeds_rebuilt'")


async def test_it_is_compared_at_one_moment_while_the_service_works(
    servers: Servers, registry: Database, target: Database, place: Place
) -> None:
    busy = True

    async def admit() -> None:
        while busy:
            await publish(registry, *(admitted(new_id()) for _ in range(5)))
            await asyncio.sleep(0.05)

    async with (
        relaying(servers, registry, "member_registry"),
        consuming(servers, target, *load("feeds").wiring),
    ):
        admitting = asyncio.create_task(admit())
        stopping = asyncio.get_running_loop().call_later(3, admitting.cancel)
        found = await rebuilt(place, "feeds", patience=60)
        stopping.cancel()
        busy = False
        await asyncio.gather(admitting, return_exceptions=True)
    assert (found.equal, found.behind) == (True, 0)


async def test_incomplete_topics_replace_nothing(
    servers: Servers, registry: Database, target: Database, place: Place
) -> None:
    strange = new_id()
    async with relaying(servers, registry, "member_registry"), consuming(servers, target, *load("feeds").wiring):
        await publish(registry, _suspended(strange, 3))

        async def known() -> bool:
            return bool(
                await target.fetch_value("SELECT count(*) FROM access_organisation WHERE organisation_id = $1", strange)
            )

        await until(known, timeout=30)
        with pytest.raises(Told, match="1 aggregates lack versions"):
            await rebuilt(place, "feeds", swap=True)


@pytest.mark.parametrize("service", [service.name for service in all_services()])
async def test_every_table_is_owned_or_a_copy_or_of_the_delivery(place: Place, service: str) -> None:
    """A new table is listed in `owns`, or a row of the wiring says that its reaction writes it."""
    from common.auth import access_reactions
    from common.service import DELIVERY

    declared = load(service)
    shared = {row.copy.table for row in access_reactions() if row.copy}
    copies, owned = {copy.table for copy in declared.copies} | shared, set(declared.owns)
    async with place.connection(service) as connection:
        there = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition",
            service,
        )
    assert not owned & copies
    assert {row["relname"] for row in there} == owned | copies | set(DELIVERY)

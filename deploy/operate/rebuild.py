"""`rebuild`: a service's copies made anew from the topics in a second schema, compared row by row, exchanged."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.database import Database
from common.kafka import committed_offsets
from common.reactions import Copy, Dispatch
from common.reading import Reading, reading
from common.serving import load
from deploy.operate.place import Place, check_service
from deploy.operate.replay import Replay
from deploy.operate.second_schema import Compared, compare, exchange, second_schema
from deploy.words import Told, Words


@dataclass(frozen=True)
class Rebuilt:
    """What came of it. `behind`: records of the topics the service itself had not dealt with when it was compared."""

    service: str
    events: int
    failed: int
    incomplete: int
    behind: int
    tables: tuple[Compared, ...]
    swapped: bool = False

    @property
    def equal(self) -> bool:
        return all(table.equal for table in self.tables)


async def rebuilt(place: Place, service: str, *, swap: bool = False, patience: float = 30.0) -> Rebuilt:
    """Replay the topics through the service's own reactions and compare; with `swap`, make the live rows the new ones.

    The service may run: its copies are locked against writing, a moment, while they are compared. It is given
    `patience` seconds to deal with what is in the topics. Failure when rows cannot be trusted to replace live ones.
    """
    check_service(service)
    rows = [row for row in load(service).wiring if row.copy]
    copies = tuple(dict.fromkeys(row.copy for row in rows if row.copy))
    if not copies:
        return Rebuilt(service, 0, 0, 0, 0, ())
    dispatch = Dispatch(rows)
    async with (
        place.connection(service) as connection,
        second_schema(connection, service) as second,
        reading(place.kafka, *dispatch.topics) as topics,
    ):
        database = await Database.connect(place.admin_url, schema=second, name=f"operate {second}", size=2)
        try:
            work = _Rebuilding(place, service, connection, second, topics, Replay(database, dispatch))
            await work.catch_up()
            return await work.settle(copies, swap=swap, until=time.monotonic() + patience)
        finally:
            await database.close()


@dataclass(frozen=True)
class _Rebuilding:
    place: Place
    service: str
    connection: Any
    second: str
    topics: Reading
    replay: Replay

    async def catch_up(self) -> None:
        async for batch in self.topics.to_the_end():
            await self.replay.apply(batch)

    async def settle(self, copies: Sequence[Copy], *, swap: bool, until: float) -> Rebuilt:
        """Compare at a moment when the service has dealt with exactly what was replayed, or when patience ends."""
        while True:
            async with self.connection.transaction():
                await self._lock(copies)
                await self.catch_up()
                behind = await self._behind()
                if not behind or time.monotonic() > until:
                    return await self._compare(copies, behind, swap)
            await asyncio.sleep(0.2)

    async def _lock(self, copies: Sequence[Copy]) -> None:
        await self.connection.execute("SET LOCAL lock_timeout = '10s'")
        names = ", ".join(f"{self.service}.{copy.table}" for copy in copies)
        await self.connection.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")

    async def _behind(self) -> int:
        known, begins = await committed_offsets(self.place.kafka, self.service), await self.topics.begins()
        return sum(max(0, end - known.get(p, begins[p])) for p, end in self.topics.next.items())

    async def _compare(self, copies: Sequence[Copy], behind: int, swap: bool) -> Rebuilt:
        tables = tuple([await compare(self.connection, self.service, self.second, copy) for copy in copies])
        found = Rebuilt(
            self.service, self.replay.events, self.replay.failed, self.replay.incomplete, behind, tables, swap
        )
        if swap:
            _check_trustworthy(found)
            await exchange(self.connection, self.service, self.second, [c for c in copies if not c.decided_here])
        return found


def _check_trustworthy(found: Rebuilt) -> None:
    if found.incomplete or found.failed:
        raise Told(
            Words(
                f"未做替换：主题中有 {found.incomplete} 个聚合缺少版本，{found.failed} 条记录无法重放。"
                "先补齐主题（refill），或处理死信。",
                f"Nothing was exchanged: {found.incomplete} aggregates lack versions in the topics and {found.failed}"
                " records cannot be replayed. Refill the topics, or see to the dead letters, first.",
            )
        )
